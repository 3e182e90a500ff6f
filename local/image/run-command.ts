import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../common/user-error";

export interface RunOptions {
  /** What the command is for; the error begins with it. */
  readonly what: string;
  /** Takes the command line and all output; appended to. */
  readonly logFile: string;
  /** Given to the command's standard input. */
  readonly input?: string;
  /** Ends the command with SIGTERM. */
  readonly signal?: AbortSignal;
}

const TAIL_LINES = 12;

/**
 * Runs a command to its end.
 * @throws UserError with the last lines of its output where it fails or can't be started.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { what, logFile, input, signal }: RunOptions,
): Promise<void> {
  signal?.throwIfAborted();
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  const log = fs.openSync(logFile, "a", 0o600);
  let output = "";
  const keep = (chunk: Buffer) => {
    fs.writeSync(log, chunk);
    output = (output + chunk.toString()).slice(-8192);
  };
  try {
    keep(Buffer.from(`$ ${[command, ...args].join(" ")}\n`));
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], signal });
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    // A command that ends without reading its input is judged by its exit status.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
    const status = await new Promise<number | string>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signalName) => resolve(code ?? signalName ?? "unknown"));
    });
    if (status !== 0) {
      const tail = output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
      throw new UserError(`${what}: ${command} ended with ${status}:\n${tail}\nSee ${logFile}`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new UserError(`${what}: the command ${command} isn't installed`);
  } finally {
    fs.closeSync(log);
  }
}
