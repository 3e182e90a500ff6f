import * as fs from "node:fs";
import { UserError } from "../../common/user-error";

/** The user that PostgreSQL runs as. */
export interface OsUser {
  readonly name: string;
  /** Undefined: the user of this process. */
  readonly uid?: number;
  readonly gid?: number;
  /** Gives a file to the user. */
  own(file: string): void;
}

/** Debian's `postgres` where this process is root's, since PostgreSQL refuses to run as root; else this user. */
export function postgresUser(): OsUser {
  if (process.getuid?.() !== 0) return { name: process.env.USER ?? "you", own: () => undefined };
  const line = fs
    .readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("postgres:"));
  if (line === undefined) {
    throw new UserError(
      "There is no user postgres, which PostgreSQL's package makes: apt-get install postgresql-15",
    );
  }
  const [uid, gid] = line.split(":").slice(2, 4).map(Number) as [number, number];
  return { name: "postgres", uid, gid, own: (file) => fs.chownSync(file, uid, gid) };
}
