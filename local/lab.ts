import { lockHolder, STALE_LOCK_SECONDS, tryLock } from "../common/file-lock";
import { UserError } from "../common/user-error";
import { localAzurePid } from "./azure/start-stop";
import { type LabSettings, readSettings } from "./azure/settings";
import { type Engine, findEngine } from "./engine/engine";
import { labEnvironment } from "./environment";
import { ensureLabFolder, requireLabFolder } from "./lab-folder";
import { LabPaths } from "./paths";

/** Local Azure as it is set up in a folder, with the engine that works on it. */
export interface Lab {
  readonly paths: LabPaths;
  readonly settings: LabSettings;
  readonly engine: Engine;
  /** Contains secrets: for child processes, never to be printed. */
  readonly env: NodeJS.ProcessEnv;
}

export function labOf(paths: LabPaths, settings: LabSettings, engine: Engine): Lab {
  return { paths, settings, engine, env: labEnvironment(paths, settings, engine) };
}

/** The lab, or undefined where it isn't set up. */
export async function findLab(paths = new LabPaths()): Promise<Lab | undefined> {
  requireLabFolder(paths);
  const settings = readSettings(paths);
  const engine = settings && (await findEngine(paths));
  return settings && engine && labOf(paths, settings, engine);
}

export const isRunning = (lab: Lab | undefined): lab is Lab =>
  lab !== undefined && localAzurePid(lab.paths) !== undefined;

/**
 * Runs what changes the lab while nothing else does.
 * @throws UserError where another command holds the lab, or its folder can't be used.
 */
export async function withLabLock<T>(paths: LabPaths, work: () => Promise<T>): Promise<T> {
  requireLabFolder(paths);
  ensureLabFolder(paths);
  const release = await tryLock(paths.lock);
  if (!release) {
    const holder = lockHolder(paths.lock);
    const who = holder === undefined ? "" : `: process ${holder.pid} on ${holder.host}`;
    throw new UserError(
      `Another command is changing this lab (${paths.root})${who}. Wait for it to end. ` +
        `The lock of a killed command is taken over: at once on the same machine, else after ${STALE_LOCK_SECONDS} s.`,
    );
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
