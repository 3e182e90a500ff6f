import * as fs from "node:fs";
import { ensureLocalAzure, stopLocalAzure } from "../../local/azure/start-stop";
import { stopAll } from "../../local/azure/process-list";
import { findLab, withLabLock } from "../../local/lab";
import { LabPaths } from "../../local/paths";
import { UserError } from "../../common/user-error";
import { endLeftovers } from "../engine/leftovers";
import { runPulumi } from "../lab/context";
import { interruptible } from "../lab/interruptible";
import { prepareStack } from "../lab/prepare-stack";

export interface DownOptions {
  /** Removes the lab without `pulumi destroy`, for a lab whose state is damaged. */
  readonly force: boolean;
}

/** `./lab down`: `pulumi destroy`, then every process of local Azure ends. Downloads and builds stay in .lab. */
export async function down({ force }: DownOptions): Promise<void> {
  const paths = new LabPaths();
  if (!fs.existsSync(paths.root)) {
    console.log("There is no lab here.");
    return;
  }
  const advice = "`./lab down` continues from here; `./lab up` brings the lab up again.";
  const work = async (signal: AbortSignal) => {
    await endLeftovers(paths, console.log);
    if (!force) await destroy(signal);
    await stopLocalAzure(paths);
    await stopAll(paths);
    // The engine, the image and the packages serve the next lab too.
    for (const place of [...paths.labState, ...(force ? [paths.pulumiState] : [])]) {
      fs.rmSync(place, { recursive: true, force: true });
    }
    console.log("The lab is down: its processes have ended; downloads and builds stay in .lab.");
  };
  await interruptible(advice, (signal) => withLabLock(paths, () => work(signal)));
}

async function destroy(signal: AbortSignal): Promise<void> {
  const lab = await findLab();
  if (!lab || !fs.existsSync(lab.paths.arm)) return;
  await ensureLocalAzure(lab.paths, lab.settings, console.log, signal);
  await prepareStack(lab, { signal });
  signal.throwIfAborted();
  const code = await runPulumi(lab, ["destroy", "--yes", "--skip-preview"]);
  if (code !== 0) {
    throw new UserError(
      `pulumi destroy ended with ${code}; its output above says why. Run this again, or remove everything as it is: ./lab down --force`,
    );
  }
}
