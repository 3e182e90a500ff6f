import execa from "execa";
import { localAzurePid } from "../../local/azure/process";
import { type LabSettings, readSettings } from "../../local/azure/settings";
import { LabPaths, PROJECT_ROOT } from "../../local/common/paths";
import { UserError } from "../../common/user-error";
import { type Engine, findEngine } from "../../local/engine";
import { labEnvironment } from "../../local/environment";

/** The lab's stack; Pulumi.local.yaml is its configuration. */
export const STACK = "local";

/** A lab that is set up. */
export interface LabContext {
  readonly paths: LabPaths;
  readonly settings: LabSettings;
  readonly engine: Engine;
  /** With secrets: for child processes, never to be printed. */
  readonly env: NodeJS.ProcessEnv;
}

/** The lab as it stands, or undefined where it isn't set up. */
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
    throw new UserError("No lab is up. Start one with `npm run lab`.");
  }
  return lab;
}

/** Runs the Pulumi CLI on the lab's stack with this terminal; gives its exit code. */
export async function runPulumi(
  { engine, env }: LabContext,
  args: readonly string[],
): Promise<number> {
  const { exitCode, failed } = await execa(engine.pulumi, [...args, "--stack", STACK], {
    cwd: PROJECT_ROOT,
    env,
    extendEnv: false,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    reject: false,
  });
  return exitCode ?? (failed ? 1 : 0);
}
