import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { pollUntil } from "./poll";
import { readFileIfExists, writeFile } from "./files";
import { parseJson } from "./json";
import { isRunning, processIdentity } from "./processes";

export interface DetachedProcessOptions {
  /** Stores the process's id and start time; removed once it has ended. */
  readonly pidFile: string;
  /** Receives standard output and standard error. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Called when the process ends while this one runs. */
  readonly onEnd?: (end: ProcessEnd) => void;
}

/** How a process ended: one of both. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export const describeEnd = ({ exitCode, signal }: ProcessEnd): string =>
  signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;

/** Starts a process that outlives this one, in a new session, and records it in the pid file. */
export function spawnDetached(
  command: string,
  args: readonly string[],
  options: DetachedProcessOptions,
): number {
  fs.mkdirSync(path.dirname(options.logFile), { recursive: true });
  const log = fs.openSync(options.logFile, "a", 0o600);
  try {
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", log, log],
      env: options.env ?? process.env,
      cwd: options.cwd,
    });
    child.once("error", () => undefined);
    if (child.pid === undefined) throw new Error(`${command} could not be started`);
    child.once("exit", (exitCode, signal) => options.onEnd?.({ exitCode, signal }));
    child.unref();
    recordProcess(options.pidFile, child.pid);
    return child.pid;
  } finally {
    fs.closeSync(log);
  }
}

/** Records a running process in a pid file, with its start time. */
export function recordProcess(pidFile: string, pid: number): void {
  writeFile(pidFile, JSON.stringify(processIdentity(pid) ?? { pid, startTime: "" }));
}

/** A pid file. To kill(2), the ids 0 and -1 are this process's group and every process. */
const PID_RECORD = z.object({ pid: z.int().min(2), startTime: z.string().min(1) });

/** The id of the process in the pid file, or undefined where it has ended or the file is damaged. */
export function runningPid(pidFile: string): number | undefined {
  const { data: record } = PID_RECORD.safeParse(parseJson(readFileIfExists(pidFile) ?? ""));
  return record && isRunning(record) ? record.pid : undefined;
}

/** Sends the recorded process a signal, and kills it and its process group past the deadline. */
export async function stopProcess(
  pidFile: string,
  {
    signal = "SIGTERM",
    timeoutSeconds = 10,
  }: { signal?: NodeJS.Signals; timeoutSeconds?: number } = {},
): Promise<void> {
  const pid = runningPid(pidFile);
  if (pid !== undefined) {
    const gone = (seconds: number) =>
      pollUntil(() => runningPid(pidFile) === undefined, {
        what: `process ${pid} to end`,
        timeoutSeconds: seconds,
      });
    kill(pid, signal);
    // A suspended process gets the signal when it continues.
    kill(pid, "SIGCONT");
    await gone(timeoutSeconds).catch(() => {
      kill(-pid, "SIGKILL");
      return gone(5);
    });
  }
  fs.rmSync(pidFile, { force: true });
}

/** Sends a signal, unless the process has ended. @param pid negative for a process group */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
