import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { recordProcess, runningPid } from "../../common/child-process";
import { temporaryFolder } from "../../common/temporary-folder";
import { UserError } from "../../common/user-error";

const NAME = "pg-audit-lab";
/** Names the process that uses a session's folder. */
const OWNER = "owner";
/** A folder without an owner belongs to a session that is starting, or that was killed while it did. */
const START_MILLISECONDS = 60_000;

/**
 * The folder of this user's sessions: below XDG_RUNTIME_DIR, which ends with the user's last session, else in the folder
 * for temporary files, where other users must not have created it.
 * @throws UserError where it isn't this user's alone
 */
export function sessionsFolder(env = process.env): string {
  const { XDG_RUNTIME_DIR: runtime } = env;
  const isUsable = runtime !== undefined && fs.existsSync(runtime);
  const folder = isUsable
    ? path.join(runtime, NAME)
    : path.join(temporaryFolder(), `${NAME}-${os.userInfo().uid}`);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entry = fs.lstatSync(folder);
  const isOwn = entry.uid === os.userInfo().uid && (entry.mode & 0o077) === 0;
  if (entry.isDirectory() && isOwn) return folder;
  throw new UserError(
    `${folder} is for the sockets of your SSH sessions, and must be a folder that only you can open. ` +
      "It belongs to another user or is open to others: remove it, or set XDG_RUNTIME_DIR to another folder of yours.",
  );
}

/** A new folder for a session of this process. Those that killed processes left behind are removed. */
export function createSessionFolder(sessions = sessionsFolder()): string {
  removeLeftovers(sessions);
  // Short, since the path of a socket in it is limited to 104 bytes on some systems.
  const folder = fs.mkdtempSync(path.join(sessions, "s-"));
  recordProcess(path.join(folder, OWNER), process.pid);
  return folder;
}

function removeLeftovers(sessions: string): void {
  // Elsewhere, nothing says whether a process still runs.
  if (!fs.existsSync("/proc/self/stat")) return;
  for (const name of fs.readdirSync(sessions)) {
    const folder = path.join(sessions, name);
    if (!isInUse(folder)) fs.rmSync(folder, { recursive: true, force: true });
  }
}

function isInUse(folder: string): boolean {
  const owner = path.join(folder, OWNER);
  if (fs.existsSync(owner)) return runningPid(owner) !== undefined;
  const created = fs.statSync(folder, { throwIfNoEntry: false })?.ctimeMs ?? 0;
  return Date.now() - created < START_MILLISECONDS;
}
