import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { ensureLocalAzure } from "../../local/azure/start-stop";
import { ensureSettings } from "../../local/azure/settings";
import { ensurePackageRepository } from "../../local/backends/package-repository/package-repository";
import { type Notify } from "../../common/notify";
import { ensureCertificateAuthority } from "../../local/tls/certificate-authority";
import { type LabPaths } from "../../local/paths";
import { type Engine, ensureEngine, ensureStack } from "../../local/engine/engine";
import { labEnvironment } from "../../local/environment";
import { ensureVmImage } from "../../local/image/vm-image";
import { ensureSystemPackages } from "../../local/setup/system-packages";
import { type LabContext } from "./context";
import { LOCAL_STACK } from "./names";

/** Installs and builds what is missing, starts local Azure, and returns the lab. What is there is kept. */
export async function setUp(paths: LabPaths, signal: AbortSignal): Promise<LabContext> {
  const notes: string[] = [];
  let engine: Engine | undefined;
  const step = (title: string, work: (say: Notify) => Promise<void>): ListrTask => ({
    title,
    task: async (_, task) => {
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
        await ensureCertificateAuthority(paths);
        await ensureSettings(paths);
      }),
      {
        title: "Engine, VM image and package repository",
        task: (_, task) =>
          task.newListr(
            [
              step("Pulumi engine", async (say) => {
                engine = await ensureEngine(paths, say, signal);
              }),
              step("VM image", async (say) => {
                await ensureVmImage(paths, say, signal);
              }),
              step("Package repository", async (say) => {
                const { blobfuse2, version } = await ensurePackageRepository(paths, say);
                if (blobfuse2 === "stand-in") {
                  say(`blobfuse2: stand-in ${version} (LAB_BLOBFUSE2 names a real one)`);
                }
              }),
            ],
            { concurrent: true },
          ),
      },
      step("Local Azure", async (say) => ensureLocalAzure(paths, await ensureSettings(paths), say)),
    ],
    {
      fallbackRenderer: "simple",
      rendererOptions: { collapseSubtasks: false, timer: PRESET_TIMER },
      fallbackRendererOptions: { timer: PRESET_TIMER },
    },
  );
  await tasks.run();
  // On a terminal a step's lines disappear when it ends.
  if (process.stdout.isTTY) for (const note of notes) console.log(`  ${note}`);
  if (!engine) throw new Error("the set-up ended without an engine");
  await ensureStack(engine, paths, LOCAL_STACK);
  const settings = await ensureSettings(paths);
  return { paths, settings, engine, env: labEnvironment(paths, settings, engine) };
}
