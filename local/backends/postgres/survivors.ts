import * as fs from "node:fs";
import * as path from "node:path";
import { kill } from "../../../common/child-process";
import { processFile, processIds } from "../../../common/processes";
import { pollUntil } from "../../../common/poll";

/** The logging process ends by itself, once it has written what the others sent it. */
const LOGGER = "postgres: logger";
const LOGGER_TIMEOUT_SECONDS = 10;
const KILL_TIMEOUT_SECONDS = 30;

/**
 * Ends the processes of a server whose postmaster has ended: a busy or suspended session survives a kill -9 of the
 * postmaster. The server doesn't start while one exists ("pre-existing shared memory block is still in use"). Each
 * leads a session and process group of its own, so they are found by their working directory, which is the data folder.
 */
export async function endSurvivors(dataFolder: string): Promise<void> {
  const killed = (wanted: (pid: number) => boolean) => {
    const pids = serverProcesses(dataFolder).filter(wanted);
    for (const pid of pids) kill(pid, "SIGKILL");
    return pids.length === 0;
  };
  const options = { what: "PostgreSQL's processes to end", timeoutSeconds: KILL_TIMEOUT_SECONDS };
  await pollUntil(() => killed((pid) => !isLogger(pid)), options);
  await pollUntil(() => serverProcesses(dataFolder).length === 0, {
    ...options,
    timeoutSeconds: LOGGER_TIMEOUT_SECONDS,
  }).catch(() => pollUntil(() => killed(() => true), options));
}

const isLogger = (pid: number): boolean => processFile(pid, "cmdline")?.startsWith(LOGGER) ?? false;

const serverProcesses = (dataFolder: string): number[] =>
  processIds().filter((pid) => isServerProcess(dataFolder, pid));

/** By device and inode: PostgreSQL may see its data folder at another path, in a mount namespace of its own. */
export function isServerProcess(dataFolder: string, pid: number): boolean {
  try {
    const folder = fs.statSync(dataFolder);
    const { dev, ino } = fs.statSync(`/proc/${pid}/cwd`);
    const program = path.basename(fs.readlinkSync(`/proc/${pid}/exe`)).split(" ")[0];
    return dev === folder.dev && ino === folder.ino && program === "postgres";
  } catch {
    // It has ended, or belongs to another user; or the server was deleted.
    return false;
  }
}
