import * as fs from "node:fs";
import * as path from "node:path";
import { runningPid, spawnDetached, stopProcess } from "../../common/child-process";
import { readFileIfExists } from "../../common/files";
import { type Notify } from "../../common/notify";
import { pollUntil } from "../../common/poll";
import { lastLines } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import { type LabPaths, PROJECT_ROOT } from "../paths";
import { describeEmulation, emulationFromEnvironment } from "./emulation-options";
import { answers } from "./health";
import {
  labProcesses,
  localAzureLogFile,
  localAzurePidFile,
  localAzureProcess,
  pidOf,
} from "./process-list";
import { type LabSettings, type PortName, requireFreePorts } from "./settings";
import { waitForParts } from "./wait-for-parts";

/** For a process that is alive; it downloads and builds what is missing. */
const START_TIMEOUT_SECONDS = 300;
/** A running local Azure that doesn't answer for so long is ended, and started again. */
const SILENT_SECONDS = 60;
/** Long enough for the VM to shut down. */
const STOP_TIMEOUT_SECONDS = 120;

/** Contains the Resource Manager's URL while local Azure is ready. */
export const readyFile = (paths: LabPaths): string => path.join(paths.run, "ready");

/** The process id of local Azure, or undefined where it isn't running. */
export const localAzurePid = (paths: LabPaths): number | undefined =>
  runningPid(localAzurePidFile(paths));

/**
 * Starts local Azure in a separate process, where it isn't running, and waits until it and all of its parts work.
 * @throws UserError that names the part that doesn't work
 */
export async function ensureLocalAzure(
  paths: LabPaths,
  settings: LabSettings,
  notify: Notify,
  signal?: AbortSignal,
): Promise<void> {
  const runs = await isAnswering(paths, settings, notify, signal);
  const unusual = describeEmulation(emulationFromEnvironment(process.env));
  if (unusual)
    notify(
      runs ? `${unusual}: only after a restart of local Azure, which is running already` : unusual,
    );
  if (!runs) await spawnLocalAzure(paths, settings);
  await pollUntil(
    () => {
      if (localAzurePid(paths) === undefined) {
        throw new UserError(
          `Local Azure ended during its start; the end of ${localAzureLogFile(paths)}:\n${logTail(paths)}`,
        );
      }
      return fs.existsSync(readyFile(paths));
    },
    {
      what: `local Azure to be ready (its log: ${localAzureLogFile(paths)})`,
      timeoutSeconds: START_TIMEOUT_SECONDS,
      signal,
    },
  );
  await waitForParts(paths, settings, notify, signal);
}

/** Whether local Azure runs and answers. One that runs without answering is ended; its parts go on. */
async function isAnswering(
  paths: LabPaths,
  settings: LabSettings,
  notify: Notify,
  signal?: AbortSignal,
): Promise<boolean> {
  const isStarting = () => !fs.existsSync(readyFile(paths));
  if (localAzurePid(paths) === undefined) return false;
  if (isStarting() || (await answers(localAzureProcess(paths), paths, settings))) return true;
  notify(`Local Azure doesn't answer; after ${SILENT_SECONDS} s it is ended and started again`);
  const isBack = await pollUntil(
    async () =>
      localAzurePid(paths) === undefined || answers(localAzureProcess(paths), paths, settings),
    { what: "local Azure to answer", timeoutSeconds: SILENT_SECONDS, signal },
  ).catch(() => {
    signal?.throwIfAborted();
    return false;
  });
  if (isBack && localAzurePid(paths) !== undefined) return true;
  await stopProcess(localAzurePidFile(paths), { signal: "SIGKILL" });
  return false;
}

async function spawnLocalAzure(paths: LabPaths, settings: LabSettings): Promise<void> {
  fs.rmSync(readyFile(paths), { force: true });
  await requireFreePorts(settings, portsOfThisLab(paths));
  spawnDetached(process.execPath, [path.join(PROJECT_ROOT, "local/bin/local-azure.js"), "serve"], {
    pidFile: localAzurePidFile(paths),
    logFile: localAzureLogFile(paths),
    cwd: PROJECT_ROOT,
    env: { ...process.env, LAB_DIR: paths.root, NODE_EXTRA_CA_CERTS: paths.caCertificate },
  });
}

/** The ports of processes that a killed local Azure left running: the next one uses these processes. */
function portsOfThisLab(paths: LabPaths): PortName[] {
  const ports = {
    "local Azure": "arm",
    Azurite: "blob",
    PostgreSQL: undefined,
    "PostgreSQL gateway": "postgres",
    VM: "ssh",
  } as const;
  return labProcesses(paths)
    .filter((process) => pidOf(process) !== undefined)
    .flatMap(({ name }) => ports[name] ?? []);
}

/** Ends local Azure and all of its processes, where it is running. */
export async function stopLocalAzure(paths: LabPaths): Promise<void> {
  await stopProcess(localAzurePidFile(paths), { timeoutSeconds: STOP_TIMEOUT_SECONDS });
  fs.rmSync(readyFile(paths), { force: true });
}

function logTail(paths: LabPaths): string {
  return lastLines(readFileIfExists(localAzureLogFile(paths)) ?? "");
}
