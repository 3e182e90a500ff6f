import execa from "execa";
import { STALE_LOCK_SECONDS, tryLock } from "../../common/file-lock";
import { UserError } from "../../common/user-error";
import { localAzurePid } from "../../local/azure/start-stop";
import { type LabSettings, readSettings } from "../../local/azure/settings";
import { LabPaths, PROJECT_ROOT } from "../../local/paths";
import { type Engine, findEngine } from "../../local/engine/engine";
import { labEnvironment } from "../../local/environment";
import { LOCAL_STACK } from "./names";

/** A lab that is set up. */
export interface LabContext {
  readonly paths: LabPaths;
  readonly settings: LabSettings;
  readonly engine: Engine;
  /** Contains secrets: for child processes, never to be printed. */
  readonly env: NodeJS.ProcessEnv;
}

/** The lab, or undefined where it isn't set up. */
export async function findLab(): Promise<LabContext | undefined> {
  const paths = new LabPaths();
  const settings = readSettings(paths);
  const engine = settings && (await findEngine(paths));
  if (!settings || !engine) return undefined;
  return { paths, settings, engine, env: labEnvironment(paths, settings, engine) };
}

/** @throws UserError where no lab is running. */
export async function requireRunningLab(): Promise<LabContext> {
  const lab = await findLab();
  if (!lab || localAzurePid(lab.paths) === undefined) {
    throw new UserError("No lab is up. Start one with `./lab up`.");
  }
  return lab;
}

/** Runs the Pulumi CLI on the lab's stack with this terminal; returns its exit code. */
export async function runPulumi(
  { engine, env }: LabContext,
  args: readonly string[],
): Promise<number> {
  const { exitCode, failed } = await execa(engine.pulumi, [...args, "--stack", LOCAL_STACK], {
    cwd: PROJECT_ROOT,
    env,
    extendEnv: false,
    // Pulumi draws its progress only where both ends are a terminal.
    stdin: process.stdin.isTTY ? "inherit" : "ignore",
    stdout: "inherit",
    stderr: "inherit",
    reject: false,
  });
  return exitCode ?? (failed ? 1 : 0);
}

/**
 * Runs what changes the lab while nothing else does.
 * @throws UserError where another command holds the lab.
 */
export async function withLabLock<T>(paths: LabPaths, work: () => Promise<T>): Promise<T> {
  const release = await tryLock(paths.lock);
  if (!release) {
    throw new UserError(
      `Another command is changing this lab (${paths.root}). Wait for it to end; if it was killed, ` +
        `its lock expires after ${STALE_LOCK_SECONDS} s.`,
    );
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
