import { UserError } from "../../common/user-error";
import { callControl } from "../../local/azure/control-client";
import { partToRestart, restartRoute, type RestartWord } from "../../local/azure/restart";
import { ensureLocalAzure, stopLocalAzure } from "../../local/azure/start-stop";
import { readReports } from "../../local/azure/supervision/journal";
import { fullName } from "../../local/azure/supervision/part";
import { type Lab, withLabLock } from "../../local/lab";
import { requireRunningLab } from "../lab/context";
import { type PartName } from "../lab/names";

/**
 * `./lab restart PART [NAME]`: what is stored stays. Local Azure itself restarts with every part behind it.
 * @param name of a server or VM, where there are several
 */
export async function restart(part: PartName, name: string | undefined): Promise<void> {
  const lab = await requireRunningLab();
  const restarted = await withLabLock(lab.paths, () =>
    part === "azure" ? restartAzure(lab, name) : restartPart(lab, part, name),
  );
  console.log(`${restarted} was restarted. \`./lab status\` shows its health.`);
}

async function restartAzure({ paths, settings }: Lab, name?: string): Promise<string> {
  if (name !== undefined) {
    throw new UserError(`"${name}" is one word too many: local Azure is restarted as a whole.`);
  }
  await stopLocalAzure(paths);
  await ensureLocalAzure(paths, settings, console.log);
  return "azure";
}

async function restartPart(
  { paths, settings }: Lab,
  word: RestartWord,
  name: string | undefined,
): Promise<string> {
  const part = partToRestart(word, name, readReports(paths));
  await callControl(paths, settings, "POST", restartRoute(word, part.instance));
  return fullName(part);
}
