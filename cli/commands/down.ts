import * as fs from "node:fs";
import { ensureLocalAzure } from "../../local/azure/start-stop";
import { findLab, withLabLock } from "../../local/lab";
import { LabPaths } from "../../local/paths";
import { UserError } from "../../common/user-error";
import { workshopStacks } from "../engine/file-backend";
import { endLeftovers } from "../engine/leftovers";
import { runPulumi } from "../lab/context";
import { interruptible } from "../lab/interruptible";
import { LOCAL_STACK } from "../lab/names";
import { prepareStack } from "../lab/prepare-stack";
import { endLab } from "../lab/start-end";
import { WorkshopFiles } from "../workshop/files";

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
    if (!force) refuseWorkshop(paths);
    await endLeftovers(paths, console.log);
    if (!force) await destroy(signal);
    await endLab(paths);
    if (force) {
      fs.rmSync(paths.pulumiState, { recursive: true, force: true });
      new WorkshopFiles(LOCAL_STACK).removeAll();
    }
    console.log("The lab is down: its processes have ended; downloads and builds stay in .lab.");
  };
  await interruptible(advice, (signal) => withLabLock(paths, () => work(signal)));
}

/** Its stacks would be left without the cloud that they are on. */
function refuseWorkshop({ pulumiState }: LabPaths): void {
  const stacks = workshopStacks(pulumiState);
  if (stacks.length === 0) return;
  throw new UserError(
    `A workshop is on local Azure: ${stacks.join(", ")}. Take it down first: ./lab workshop down\n` +
      "To remove all of it without `pulumi destroy`: ./lab down --force",
  );
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
