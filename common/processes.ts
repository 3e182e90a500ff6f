import * as fs from "node:fs";
import { readFileIfExists } from "./files";

/** A process of this machine, distinct from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks between the machine's boot and the process's start. */
  readonly startTime: string;
}

export interface RunningProcess extends ProcessIdentity {
  readonly parentPid: number;
  /** The command line, one word each. */
  readonly command: readonly string[];
  /** The environment that it was started with. */
  readonly environment: ReadonlyMap<string, string>;
}

/** Of all Linux architectures that Node.js supports. Source: proc(5), sysconf(_SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

/** A process by its id; undefined where it has ended, also where it is a zombie, and on a system without /proc. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const fields = statFields(pid);
  return fields && { pid, startTime: fields.startTime };
}

export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  return statFields(pid)?.startTime === startTime;
}

/** When a process started, in milliseconds since 1970, by the machine's present clock; exact to a second. */
export function startedAt({ startTime }: ProcessIdentity): number {
  const boot = /^btime (\d+)$/m.exec(readFileIfExists("/proc/stat") ?? "")?.[1];
  return Number(boot) * 1000 + (Number(startTime) / TICKS_PER_SECOND) * 1000;
}

/** Whether a signal such as SIGSTOP keeps the process from running. */
export const isSuspended = (pid: number): boolean => statFields(pid)?.state === "T";

/** A file of /proc/PID; undefined where the process has ended, or is another user's. */
export const processFile = (pid: number, name: string): string | undefined =>
  readIfReadable(`/proc/${pid}/${name}`);

/** The ids of all processes; none on a system without /proc. */
export function processIds(): number[] {
  const entries = fs.existsSync("/proc") ? fs.readdirSync("/proc") : [];
  return entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
}

/** The processes whose environment this user may read. */
export const listProcesses = (): RunningProcess[] => processIds().flatMap(describe);

function describe(pid: number): RunningProcess[] {
  const fields = statFields(pid);
  const words = (file: string) => processFile(pid, file)?.split("\0").slice(0, -1);
  const [command, environment] = [words("cmdline"), words("environ")];
  if (!fields || !command || !environment) return [];
  const pairs = environment.map((variable): [string, string] => {
    const end = variable.indexOf("=");
    return [variable.slice(0, end), variable.slice(end + 1)];
  });
  const { parentPid, startTime } = fields;
  return [{ pid, parentPid, startTime, command, environment: new Map(pairs) }];
}

function statFields(
  pid: number,
): { state: string; parentPid: number; startTime: string } | undefined {
  const stat = processFile(pid, "stat");
  if (stat === undefined) return undefined;
  const [state = "", parentPid, ...others] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" && !hasOtherThreads(pid)) return undefined;
  return { state, parentPid: Number(parentPid), startTime: others[17] ?? "" };
}

/** After SIGKILL the main thread can be a zombie while others still hold the process's files and ports. */
function hasOtherThreads(pid: number): boolean {
  try {
    return fs.readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    // It ended between the two.
    return false;
  }
}

/** A process may end while its files are read; those of other users can't be read. */
function readIfReadable(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return undefined;
    throw error;
  }
}
