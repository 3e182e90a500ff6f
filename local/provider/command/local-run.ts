import { spawn } from "node:child_process";
import type { CheckFailure, Inputs } from "../protocol";
import type { CommandInputs, CommandOutput, Run } from "./command";
import { OutputCollector } from "./output";

const DEFAULT_INTERPRETER = ["/bin/sh", "-c"];
/** The time that a cancelled command has to clean up after SIGTERM. */
const GRACE_MILLISECONDS = 5000;

/** The inputs of `local.Command` only. */
interface LocalInputs extends CommandInputs {
  readonly interpreter?: readonly string[];
  readonly dir?: string;
}

export function checkLocal(inputs: Inputs): CheckFailure[] {
  return ["assetPaths", "archivePaths"]
    .filter((property) => inputs[property] !== undefined && inputs[property] !== null)
    .map((property) => ({
      property,
      reason: "the local command provider doesn't collect files: read them in the program instead",
    }));
}

/** Runs a command on this machine; a cancelled one ends with all of its processes. */
export async function runLocal(command: string, run: Run): Promise<CommandOutput> {
  const { interpreter, dir, environment, stdin } = run.inputs as LocalInputs;
  const [program = "", ...args] = interpreter?.length ? interpreter : DEFAULT_INTERPRETER;
  run.signal.throwIfAborted();
  const output = new OutputCollector(run);
  const child = spawn(program, [...args, command], {
    cwd: dir ?? undefined,
    env: { ...process.env, ...environment, ...run.previousOutput },
    // A new process group, so that all of its processes can be ended.
    detached: true,
    stdio: "pipe",
  });
  const end = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  let killing: NodeJS.Timeout | undefined;
  const abort = () => {
    end("SIGTERM");
    killing = setTimeout(() => end("SIGKILL"), GRACE_MILLISECONDS).unref();
  };
  run.signal.addEventListener("abort", abort);
  child.stdout.on("data", (data: Buffer) => output.add("stdout", data));
  child.stderr.on("data", (data: Buffer) => output.add("stderr", data));
  // A command that doesn't read its input closes the pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin ?? "");
  try {
    const reason = await new Promise<string | undefined>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => {
        if (signal !== null) resolve(`signal: ${signal}`);
        else resolve(code === 0 ? undefined : `exit status ${code}`);
      });
    });
    run.signal.throwIfAborted();
    if (reason !== undefined) throw output.failure(reason, command);
    return output.finish(command);
  } finally {
    clearTimeout(killing);
    run.signal.removeEventListener("abort", abort);
  }
}
