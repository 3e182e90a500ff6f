import { callControl } from "../../local/azure/control-client";
import { ensureLocalAzure, stopLocalAzure } from "../../local/azure/start-stop";
import { withLabLock } from "../../local/lab";
import { requireRunningLab } from "../lab/context";
import { type PartName } from "../lab/names";

/** `./lab restart PART`: what is stored stays. Local Azure itself restarts with every part behind it. */
export async function restart(part: PartName): Promise<void> {
  const { paths, settings } = await requireRunningLab();
  await withLabLock(paths, async () => {
    if (part === "azure") {
      await stopLocalAzure(paths);
      await ensureLocalAzure(paths, settings, console.log);
    } else {
      await callControl(paths, settings, "POST", `restart/${part}`);
    }
  });
  console.log(`${part} was restarted. \`./lab status\` shows its health.`);
}
