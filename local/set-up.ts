import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { stopAll } from "./azure/process-list";
import { ensureLocalAzure, stopLocalAzure } from "./azure/start-stop";
import { ensureSettings } from "./azure/settings";
import { DEFAULT_VERSION, ensureServerBuild } from "./backends/postgres/server-build";
import { ensurePackageRepository } from "./backends/package-repository/package-repository";
import { type Notify } from "../common/notify";
import { ensureCertificateAuthority } from "./tls/certificate-authority";
import { type LabPaths } from "./paths";
import { type Engine, ensureEngine } from "./engine/engine";
import { ensureVmImage } from "./image/vm-image";
import { ensureSystemPackages } from "./setup/system-packages";
import { type Lab, labOf } from "./lab";

/** Installs and builds what is missing, starts local Azure, and returns the lab. What is there is kept. */
export async function setUp(paths: LabPaths, signal: AbortSignal): Promise<Lab> {
  const notes: string[] = [];
  let engine: Engine | undefined;
  const step = (title: string, work: (notify: Notify) => Promise<void>): ListrTask => ({
    title,
    task: async (_, task) => {
      signal.throwIfAborted();
      await work((line) => {
        task.output = line;
        if (/stand-in|^LOCAL_AZURE_/.test(line)) notes.push(line);
      });
    },
  });
  const tasks = new Listr(
    [
      step("System packages", ensureSystemPackages),
      step("Certificate authority and settings", async () => {
        if (await ensureCertificateAuthority(paths)) await endAll(paths);
        await ensureSettings(paths);
      }),
      {
        title: "Engine, VM image, PostgreSQL and package repository",
        task: (_, task) =>
          task.newListr(
            [
              step("Pulumi engine", async (notify) => {
                engine = await ensureEngine(paths, notify, signal);
              }),
              step("VM image", async (notify) => {
                await ensureVmImage(paths, notify, signal);
              }),
              step(`PostgreSQL ${DEFAULT_VERSION}`, async (notify) => {
                await ensureServerBuild(paths, DEFAULT_VERSION, notify, signal);
              }),
              step("Package repository", async (notify) => {
                const { blobfuse2, version } = await ensurePackageRepository(paths, notify);
                if (blobfuse2 === "stand-in") {
                  notify(`blobfuse2: stand-in ${version} (LAB_BLOBFUSE2 names a real one)`);
                }
              }),
            ],
            { concurrent: true },
          ),
      },
      step("Local Azure", async (notify) =>
        ensureLocalAzure(paths, await ensureSettings(paths), notify, signal),
      ),
    ],
    {
      fallbackRenderer: "simple",
      // Listr would end the process at Ctrl-C, and leave what the steps have begun.
      registerSignalListeners: false,
      rendererOptions: { collapseSubtasks: false, timer: PRESET_TIMER },
      fallbackRendererOptions: { timer: PRESET_TIMER },
    },
  );
  await tasks.run();
  // On a terminal a step's lines disappear when it ends.
  if (process.stdout.isTTY) for (const note of notes) console.log(`  ${note}`);
  if (!engine) throw new Error("the set-up ended without an engine");
  return labOf(paths, await ensureSettings(paths), engine);
}

/** What runs has certificates of an authority that nobody trusts any more. */
async function endAll(paths: LabPaths): Promise<void> {
  await stopLocalAzure(paths);
  await stopAll(paths);
}
