import * as fs from "node:fs";
import * as path from "node:path";
import { type Notify } from "../../common/notify";
import { runningPid, spawnDetached, stopProcess } from "../../common/child-process";
import { readFileIfExists } from "../../common/files";
import { type LabPaths, PROJECT_ROOT } from "../paths";
import { pollUntil } from "../../common/poll";
import { UserError } from "../../common/user-error";
import { describeEmulation, emulationFromEnvironment } from "./emulation-options";
import { labProcesses, localAzureLogFile, localAzurePidFile, pidOf } from "./process-list";
import { type LabSettings, type PortName, requireFreePorts } from "./settings";

const START_TIMEOUT_SECONDS = 120;
/** Long enough for the VM to shut down. */
const STOP_TIMEOUT_SECONDS = 120;

/** Holds the Resource Manager's URL while it answers. */
export const readyFile = (paths: LabPaths): string => path.join(paths.run, "ready");

/** The process id of local Azure, or undefined where it doesn't run. */
export const localAzurePid = (paths: LabPaths): number | undefined =>
  runningPid(localAzurePidFile(paths));

/** Starts local Azure as a process of its own and waits until it answers; nothing to do while it runs. */
export async function ensureLocalAzure(
  paths: LabPaths,
  settings: LabSettings,
  notify: Notify,
): Promise<void> {
  const unusual = describeEmulation(emulationFromEnvironment(process.env));
  const runs = localAzurePid(paths) !== undefined;
  if (unusual) notify(runs ? `${unusual} from its next start on: it runs already` : unusual);
  if (!runs) {
    fs.rmSync(readyFile(paths), { force: true });
    await requireFreePorts(settings, portsInOwnUse(paths));
    spawnDetached(
      process.execPath,
      ["--import", "tsx", path.join(PROJECT_ROOT, "local/azure/main.ts")],
      {
        pidFile: localAzurePidFile(paths),
        logFile: localAzureLogFile(paths),
        cwd: PROJECT_ROOT,
        env: { ...process.env, LAB_DIR: paths.root, NODE_EXTRA_CA_CERTS: paths.caCertificate },
      },
    );
  }
  await pollUntil(
    () => {
      if (localAzurePid(paths) === undefined) {
        throw new UserError(
          `Local Azure ended at its start; ${localAzureLogFile(paths)} ends with:\n${logTail(paths)}`,
        );
      }
      return fs.existsSync(readyFile(paths));
    },
    {
      what: `local Azure to answer (its log: ${localAzureLogFile(paths)})`,
      timeoutSeconds: START_TIMEOUT_SECONDS,
    },
  );
}

/** Ports of processes that a killed local Azure left running: the next one takes them over. */
function portsInOwnUse(paths: LabPaths): PortName[] {
  const ports = {
    "local Azure": "arm",
    Azurite: "blob",
    PostgreSQL: "postgres",
    VM: "ssh",
  } as const;
  return labProcesses(paths)
    .filter((process) => pidOf(process) !== undefined)
    .map(({ name }) => ports[name]);
}

/** Ends local Azure and every process behind it; nothing to do where it doesn't run. */
export async function stopLocalAzure(paths: LabPaths): Promise<void> {
  await stopProcess(localAzurePidFile(paths), { timeoutSeconds: STOP_TIMEOUT_SECONDS });
  fs.rmSync(readyFile(paths), { force: true });
}

function logTail(paths: LabPaths): string {
  return (readFileIfExists(localAzureLogFile(paths)) ?? "")
    .trimEnd()
    .split("\n")
    .slice(-10)
    .join("\n");
}
