/** `local-azure`: local Azure as a program of its own, for any client; local/README.md describes it. */
import { Command } from "commander";
import * as path from "node:path";
import { runMain } from "../common/run-main";
import { UserError } from "../common/user-error";
import { findLab, isRunning, withLabLock } from "./lab";
import { LabPaths } from "./paths";

/** The processes' state is in the current folder, since that of this program may not be writable. */
const paths = new LabPaths(process.env.LAB_DIR || path.resolve(".lab"));

const program = new Command("local-azure")
  .description("An emulation of Azure on this machine: PostgreSQL flexible servers, storage, VMs.")
  .helpCommand(false)
  .addHelpText("after", "\nIts state is in .lab in the current folder; LAB_DIR names another one.");

program
  .command("start")
  .description("install and build what is missing, and start local Azure in the background")
  .action(async () => {
    const { setUp } = await import("./set-up");
    const { settings } = await withLabLock(paths, () => setUp(paths, interruptSignal()));
    console.log(`\nThe Resource Manager: https://127.0.0.1:${settings.ports.arm}`);
    console.log('Variables for its clients: eval "$(local-azure env)"');
  });

program
  .command("stop")
  .description("end the processes of local Azure; the resources and their data stay")
  .action(async () => {
    const { stopLocalAzure } = await import("./azure/start-stop");
    await withLabLock(paths, () => stopLocalAzure(paths));
    console.log("Local Azure has stopped; `local-azure start` continues with its resources.");
  });

program
  .command("env")
  .description('variables for clients, as lines for a shell: eval "$(local-azure env)"')
  .option("--unset", "undo it", false)
  .action(async ({ unset }: { unset: boolean }) => {
    const { labExports, labUnset } = await import("./environment");
    if (unset) return console.log(labUnset());
    const lab = await findLab(paths);
    if (!isRunning(lab)) {
      throw new UserError(`No local Azure runs in ${paths.root}. Start it: local-azure start`);
    }
    console.log(labExports(lab.paths, lab.settings, lab.engine));
  });

program
  .command("serve")
  .description("run local Azure in this process; `start` does this in the background")
  .action(async () => (await import("./azure/serve")).serve(paths));

program
  .command("postgres-gateway", { hidden: true })
  .description("the process to which clients of PostgreSQL connect; `serve` starts it")
  .argument("<port>")
  .action(async (port: string) => {
    const { serveGateway } = await import("./backends/postgres/gateway/serve-gateway");
    await serveGateway(paths, Number(port));
  });

function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort(new UserError("Interrupted.")));
  return interrupt.signal;
}

runMain(async () => {
  await program.parseAsync();
});
