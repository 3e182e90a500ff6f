import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../../common/user-error";

/** The user that PostgreSQL runs as. */
export interface OsUser {
  /** Gives a file to the user. */
  own(file: string): void;
  /** Where the user finds the cluster's folder. */
  placeOf(folder: string): string;
  /** The command line that runs a command as the user, in the cluster's folder. */
  commandLine(folder: string, command: string, args: readonly string[]): [string, string[]];
}

/** Made by Debian's package; as root, the cluster's folder is mounted here for its own processes only. */
const PLACE = "/var/lib/postgresql";

/** Debian's `postgres` where this process is root's, since PostgreSQL refuses to run as root; else this user. */
export function postgresUser(): OsUser {
  if (process.getuid?.() !== 0) {
    return {
      own: () => undefined,
      placeOf: (folder) => folder,
      commandLine: (_folder, command, args) => [command, [...args]],
    };
  }
  const { uid, gid } = debianUser();
  return {
    own: (file) => fs.chownSync(file, uid, gid),
    placeOf: () => PLACE,
    commandLine: (folder, command, args) => [
      "unshare",
      [
        ...[
          "--mount",
          "--propagation",
          "unchanged",
          "bash",
          path.join(__dirname, "as-postgres.sh"),
        ],
        ...[folder, PLACE, String(uid), String(gid), command, ...args],
      ],
    ],
  };
}

function debianUser(): { uid: number; gid: number } {
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
  return { uid, gid };
}
