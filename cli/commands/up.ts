import { readStackOutputs } from "../access/stack-outputs";
import { VmSession } from "../access/vm-session";
import { LabPaths, PROJECT_ROOT } from "../../local/common/paths";
import { UserError } from "../../common/user-error";
import { type LabContext, runPulumi, STACK } from "./context";
import { withLabLock } from "./lock";
import { readAuditLines, runPageStatements } from "./page";
import { setUp } from "./set-up";
import { Stopwatch } from "./stopwatch";

/** `npm run lab`: set-up, `pulumi up`, the page's statements, and their audit lines read through the mount. */
export async function up(pulumiArguments: readonly string[]): Promise<void> {
  const paths = new LabPaths();
  const stopwatch = new Stopwatch();
  const interrupt = new AbortController();
  // The first Ctrl-C lets the engine end in order; it gets the signal from the terminal too.
  process.on("SIGINT", () => interrupt.abort(new UserError("Interrupted.")));
  await withLabLock(paths, async () => {
    console.log("Setting up the lab");
    const lab = await stopwatch.time("set-up", () => setUp(paths, interrupt.signal));
    console.log("\nBringing it up: pulumi up --stack local");
    await stopwatch.time("pulumi up", () => bringUp(lab, pulumiArguments));
    if (interrupt.signal.aborted) {
      throw new UserError(
        "Interrupted. `npm run lab` goes on from here; `npm run lab:down` removes it.",
      );
    }
    const lines = await stopwatch.time("audited SQL", () => auditedStatements(lab));
    console.log(`\nTimes: ${stopwatch.summary()}`);
    console.log("The audit lines, as they stand in the mounted container:");
    for (const line of lines) console.log(line);
  });
}

async function bringUp(lab: LabContext, pulumiArguments: readonly string[]): Promise<void> {
  const code = await runPulumi(lab, ["up", "--yes", "--skip-preview", ...pulumiArguments]);
  if (code !== 0) {
    throw new UserError(
      `pulumi up ended with ${code}. What it made stands; \`npm run lab\` goes on from here, \`npm run lab:down\` removes it.`,
    );
  }
}

/** Runs the page's two statements and gives their audit lines: the page's own expected result. */
async function auditedStatements({ env }: LabContext): Promise<string[]> {
  const outputs = await readStackOutputs({ stack: STACK, env, cwd: PROJECT_ROOT });
  const session = new VmSession(outputs);
  try {
    console.log("\nRunning CREATE TABLE and INSERT with psql on the VM");
    const pid = await runPageStatements(session, outputs);
    console.log(`Reading ${outputs.logFolder}/PT1H.json on the VM`);
    return await readAuditLines(session, outputs, pid);
  } finally {
    await session.close();
  }
}
