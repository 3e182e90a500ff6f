import * as fs from "node:fs";
import { stopAll } from "../../local/azure/process-list";
import { stopLocalAzure } from "../../local/azure/start-stop";
import { type Lab } from "../../local/lab";
import { type LabPaths } from "../../local/paths";
import { setUp } from "../../local/set-up";
import { endLeftovers } from "../engine/leftovers";

/** Sets the lab up and starts local Azure, once nothing of a killed command works on it any more. */
export async function startLab(paths: LabPaths, signal: AbortSignal): Promise<Lab> {
  await endLeftovers(paths, console.log);
  console.log("Setting up the lab");
  return setUp(paths, signal);
}

/** Ends local Azure and removes what it stores. The engine, the image and the packages serve the next lab too. */
export async function endLab(paths: LabPaths): Promise<void> {
  await stopLocalAzure(paths);
  await stopAll(paths);
  for (const place of paths.labState) fs.rmSync(place, { recursive: true, force: true });
}
