import execa from "execa";
import * as fs from "node:fs";
import { readFileIfExists } from "../../common/files";
import { lastLines } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import { findLab, isRunning, type Lab } from "../../local/lab";
import { PROJECT_ROOT } from "../../local/paths";
import { metadataFile, stateFile } from "../engine/file-backend";
import { commandMark } from "../engine/leftovers";
import { fullStackName, LOCAL_STACK } from "./names";

/** @throws UserError where no lab is running. */
export async function requireRunningLab(): Promise<Lab> {
  const lab = await findLab();
  if (!isRunning(lab)) throw new UserError("No lab is up. Start one with `./lab up`.");
  return lab;
}

/** The lab's environment only: variables of the user's other Pulumi projects don't reach the engine. */
export const labEngineEnv = ({ env }: Pick<Lab, "env">): NodeJS.ProcessEnv => ({
  ...env,
  ...commandMark(),
});

const inLab = (lab: Pick<Lab, "env">) =>
  ({ cwd: PROJECT_ROOT, extendEnv: false, reject: false, env: labEngineEnv(lab) }) as const;

/** Runs the Pulumi CLI on the lab's stack with this terminal; returns its exit code. */
export async function runPulumi(lab: Lab, args: readonly string[]): Promise<number> {
  const { exitCode, failed } = await execa(lab.engine.pulumi, [...args, "--stack", LOCAL_STACK], {
    ...inLab(lab),
    // Pulumi draws its progress only where both ends are a terminal.
    stdin: process.stdin.isTTY ? "inherit" : "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  return exitCode ?? (failed ? 1 : 0);
}

/** Where a program's output goes: this terminal, or an open file. */
export type Output = "inherit" | number;

/** Runs a command of `./lab` on a local stack as on any other, in a process that trusts the lab's authority. */
export async function runLabCommand(
  lab: Lab,
  command: string,
  stack: string,
  output: Output,
): Promise<boolean> {
  const choice = ["--stack", fullStackName(stack)];
  const args = [...process.execArgv, process.argv[1] ?? "", command, ...choice];
  const { failed } = await execa(process.execPath, args, {
    ...inLab(lab),
    stdio: ["ignore", output, output],
  });
  return !failed;
}

const STACK_TIMEOUT_SECONDS = 60;

/**
 * Creates a stack in the lab's file backend, if it is missing; its Pulumi.<stack>.yaml isn't changed. Plain `pulumi` in the
 * lab's environment works on the stack local, which is selected.
 */
export async function ensureStack(
  lab: Pick<Lab, "engine" | "paths" | "env">,
  stack: string,
): Promise<void> {
  const { engine, paths } = lab;
  fs.mkdirSync(paths.pulumiState, { recursive: true, mode: 0o700 });
  fs.chmodSync(paths.pulumiState, 0o700);
  const exists = hasState(paths.pulumiState, stack);
  if (exists && stack !== LOCAL_STACK) return;
  const verb = exists ? "select" : "init";
  const unselected = stack === LOCAL_STACK ? [] : ["--no-select"];
  const args = ["stack", verb, stack, ...unselected, "--non-interactive", "--color", "never"];
  const { failed, exitCode, signal, all } = await execa(engine.pulumi, args, {
    ...inLab(lab),
    stdin: "ignore",
    all: true,
    timeout: STACK_TIMEOUT_SECONDS * 1000,
  });
  if (failed) {
    throw new UserError(
      `pulumi stack ${verb} ${stack} ended with ${exitCode ?? signal}.\n${lastLines(all ?? "")}`,
    );
  }
}

/**
 * Whether the backend has the stack.
 * @throws UserError for a damaged state, which Pulumi would treat as an empty stack, and for damaged metadata
 */
function hasState(backend: string, stack: string): boolean {
  const metadata = metadataFile(backend);
  if (!/^version: \d+\s*$/.test(readFileIfExists(metadata) ?? "version: 1")) {
    throw new UserError(
      `${metadata} is damaged: it contains the version of the state's layout. Write it again with: echo 'version: 1' > '${metadata}'`,
    );
  }
  const file = stateFile(backend, stack);
  const text = readFileIfExists(file);
  if (text === undefined) return false;
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    throw new UserError(
      `${file} is no valid state: ${(error as Error).message}. ` +
        `Restore the last valid one with: cp '${file}.bak' '${file}'`,
    );
  }
}
