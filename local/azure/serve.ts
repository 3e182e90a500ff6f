import * as fs from "node:fs";
import { closeToOthers, writeFile } from "../../common/files";
import { type LabPaths } from "../paths";
import { startLocalAzure } from "./compose";
import { emulationFromEnvironment } from "./emulation-options";
import { ensureSettings } from "./settings";
import { readyFile } from "./start-stop";
import { readEvents, recordEvent } from "./supervision/journal";
import { type PartState } from "./supervision/part";

/**
 * The process of local Azure. It writes `run/ready` once the Resource Manager responds, and ends all other processes of
 * local Azure on SIGTERM.
 */
export async function serve(paths: LabPaths): Promise<void> {
  const notify = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
  for (const folder of paths.closed) closeToOthers(folder);
  const emulation = emulationFromEnvironment(process.env);
  const settings = await ensureSettings(paths);
  const record = (state: PartState, text: string) =>
    recordEvent(paths, { time: new Date().toISOString(), part: "local Azure", state, text });
  const last = readEvents(paths).findLast(({ part }) => part === "local Azure");
  if (last?.state === "ready") {
    record("waiting", "had ended without being stopped; its parts that still run are kept");
  }
  const azure = await startLocalAzure(paths, settings, emulation, notify).catch(
    (error: unknown) => {
      // After a failed start, servers that were started already would keep the process running.
      setImmediate(() => process.exit());
      throw error;
    },
  );
  writeFile(readyFile(paths), azure.armUrl);
  record("ready", "is up");
  notify(`listening on ${azure.armUrl}`);
  const stop = () => {
    record("stopped", "is stopped, with its parts");
    fs.rmSync(readyFile(paths), { force: true });
    azure.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
