import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../../common/user-error";

/** The operating system user that PostgreSQL runs as. */
export interface OsUser {
  /** Makes the user the owner of a file. */
  own(file: string): void;
  /** The path at which the user sees the cluster's folder. */
  placeOf(folder: string): string;
  /** The path at which the user sees the folder with PostgreSQL's programs. */
  placeOfPrograms(build: string): string;
  /** A command line that runs a command as the user, in the cluster's folder. */
  commandLine(
    folders: { readonly cluster: string; readonly build: string },
    command: string,
    args: readonly string[],
  ): [string, string[]];
}

/** A folder of Debian's package; for root, the cluster's folder is mounted here, visible to PostgreSQL's processes only. */
const PLACE = "/var/lib/postgresql";
/** The same for the folder with the programs. */
const PLACE_OF_PROGRAMS = "/opt";

/** The current user, or Debian's `postgres` if that is root, because PostgreSQL refuses to run as root. */
export function postgresUser(): OsUser {
  if (process.getuid?.() !== 0) {
    return {
      own: () => undefined,
      placeOf: (folder) => folder,
      placeOfPrograms: (build) => build,
      commandLine: (_folders, command, args) => [command, [...args]],
    };
  }
  const { uid, gid } = debianUser();
  return {
    own: (file) => fs.chownSync(file, uid, gid),
    placeOf: () => PLACE,
    placeOfPrograms: () => PLACE_OF_PROGRAMS,
    commandLine: ({ cluster, build }, command, args) => [
      "unshare",
      [
        ...["--mount", "--propagation", "unchanged"],
        ...["bash", path.join(__dirname, "as-postgres.sh")],
        ...[cluster, PLACE, build, PLACE_OF_PROGRAMS, String(uid), String(gid), command, ...args],
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
      "The user postgres is missing; PostgreSQL's package creates it: apt-get install postgresql-common",
    );
  }
  const [uid, gid] = line.split(":").slice(2, 4).map(Number) as [number, number];
  return { uid, gid };
}
