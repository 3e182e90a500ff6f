import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "./user-error";

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for standard input. @default none: the command reads an empty input */
  readonly input?: string;
  /** The command line and all output are appended to this file. */
  readonly logFile?: string;
  /** @default no limit */
  readonly timeoutSeconds?: number;
  /** Ends the command with SIGTERM. */
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** Why the command failed: `ended with 1`, `isn't installed`. Undefined where it ended with 0. */
  readonly failure?: string;
  readonly stdout: string;
  /** Standard output and standard error, in order. */
  readonly output: string;
}

/** Runs a command to its end, without a terminal. A failure is a result; only an abort throws. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, input, logFile, timeoutSeconds, signal }: CommandOptions = {},
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const log = logFile === undefined ? undefined : openLog(logFile);
  let stdout = "";
  let output = "";
  const keep = (text: string) => {
    output += text;
    if (log !== undefined) fs.writeSync(log, text);
  };
  if (log !== undefined) fs.writeSync(log, `$ ${[command, ...args].join(" ")}\n`);
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    keep(text);
  });
  child.stderr?.setEncoding("utf8").on("data", keep);
  // The exit status decides, also for a command that ends without reading its input.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  const end = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", end);
  let timedOut = false;
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          end();
        }, timeoutSeconds * 1000);
  try {
    const failure = await new Promise<string | undefined>((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        resolve(error.code === "ENOENT" ? "isn't installed" : error.message),
      );
      child.once("close", (code, signalName) =>
        resolve(code === 0 ? undefined : `ended with ${code ?? signalName}`),
      );
    });
    signal?.throwIfAborted();
    return {
      failure: timedOut ? `was ended after ${timeoutSeconds} s` : failure,
      ...{ stdout, output },
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    if (log !== undefined) fs.closeSync(log);
  }
}

/**
 * Runs a command to its end.
 * @throws UserError with the last lines of its output where it fails; the message starts with `what`, the purpose.
 */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  { what, ...options }: CommandOptions & { readonly what: string },
): Promise<CommandResult> {
  const result = await runCommand(command, args, options);
  if (result.failure === undefined) return result;
  const lines = result.output === "" ? "" : `:\n${lastLines(result.output)}`;
  const log = options.logFile === undefined ? "" : `\nSee ${options.logFile}`;
  throw new UserError(`${what}: ${command} ${result.failure}${lines}${log}`);
}

/** The last lines of a command's output or of a log, for an error message. */
export function lastLines(text: string, count = 12): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

function openLog(file: string): number {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  return fs.openSync(file, "a", 0o600);
}
