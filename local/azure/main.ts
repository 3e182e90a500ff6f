/**
 * The process that is local Azure: `node --import tsx local/azure/main.ts`, started by `npm run lab`.
 * It writes `run/ready` once the Resource Manager answers, and ends everything behind it on SIGTERM.
 */
import * as fs from "node:fs";
import { writeFile } from "../../common/files";
import { LabPaths } from "../paths";
import { emulationFromEnvironment } from "./emulation-options";
import { readyFile } from "./start-stop";
import { startLocalAzure } from "./compose";
import { ensureSettings } from "./settings";

async function main(): Promise<void> {
  const paths = new LabPaths();
  const say = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
  const emulation = emulationFromEnvironment(process.env);
  const azure = await startLocalAzure(paths, await ensureSettings(paths), emulation, say);
  writeFile(readyFile(paths), azure.armUrl);
  say(`listening on ${azure.armUrl}`);
  const stop = () => {
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

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
