import * as fs from "node:fs";
import * as path from "node:path";
import { runAudit } from "../../audit";
import { temporaryFolder } from "../../common/temporary-folder";
import { UserError } from "../../common/user-error";
import { type Lab, withLabLock } from "../../local/lab";
import { Timing } from "../../local/arm/timing";
import { emulationFromEnvironment } from "../../local/azure/emulation-options";
import { waitForParts } from "../../local/azure/wait-for-parts";
import { LabPaths, PROJECT_ROOT } from "../../local/paths";
import { writePasswordFile } from "../access/psql-words";
import { REFRESH } from "../access/remedy";
import { withSession } from "../access/stack";
import { readOutputs, type StackOutputs } from "../access/stack-outputs";
import { runPulumi } from "../lab/context";
import { interruptible } from "../lab/interruptible";
import { findRepairs } from "../lab/repairs";
import { LOCAL_STACK } from "../lab/names";
import { withPartNews } from "../lab/part-news";
import { prepareStack } from "../lab/prepare-stack";
import { requireStackRuns } from "../lab/stack-parts";
import { startLab } from "../lab/start-end";
import { readRecords, runStatements } from "../lab/statements";

export interface UpOptions {
  /** Show the records as Azure writes them. */
  readonly raw: boolean;
}

const NEXT = `What to do next:
  ./lab psql              run SQL on the server, as its administrator
  ./lab audit --follow    in another terminal: each statement as it is audited
  ./lab down              destroy the lab`;

const NEXT_WITHOUT_VM = `This stack has no VM (vm: false). What to do next:
  ./lab status            the psql command for this machine
  ./lab audit --follow    in another terminal: each statement as it is audited
  ./lab down              destroy the lab`;

/** `./lab up`: set-up, `pulumi up`, the original workshop's two statements, and their records read through the mount. */
export async function up(pulumiArguments: readonly string[], { raw }: UpOptions): Promise<void> {
  refuseOtherStacks(pulumiArguments);
  // The statements need it, after a set-up of minutes.
  temporaryFolder();
  const paths = new LabPaths();
  const laps: string[] = [];
  const start = performance.now();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await work();
    laps.push(`${name} ${seconds(from)}`);
    return result;
  };
  const advice = "`./lab up` continues from here; `./lab down` removes the lab.";
  const work = async (signal: AbortSignal) => {
    const lab = await timed("set-up", () => startLab(paths, signal));
    requireStackRuns(paths, LOCAL_STACK);
    const replaced = await prepareStack(lab, { signal });
    signal.throwIfAborted();
    console.log("\nRunning pulumi up --stack local");
    await timed("pulumi up", () =>
      withPartNews(paths, () => bringUp(lab, replaced, pulumiArguments, signal)),
    );
    signal.throwIfAborted();
    const outputs = await readOutputs({ stack: LOCAL_STACK, env: lab.env, cwd: PROJECT_ROOT });
    writePasswordFile(paths, LOCAL_STACK, outputs.server);
    const partsWork = () => waitForParts(paths, lab.settings, console.log, signal);
    await partsWork();
    const { server, vm } = outputs;
    // A team's database gets no schema of the lab's.
    const records =
      server.ownsServer &&
      vm &&
      (await timed("statements", () => withPartNews(paths, () => auditedStatements(vm))));
    await partsWork();
    console.log(`\nTimes: ${[...laps, `total ${seconds(start)}`].join(", ")}`);
    if (records) await show(paths, records, raw);
    console.log(`\n${vm ? NEXT : NEXT_WITHOUT_VM}`);
  };
  await interruptible(advice, (signal) => withLabLock(paths, () => work(signal)));
}

const seconds = (from: number) => `${((performance.now() - from) / 1000).toFixed(0)} s`;

function refuseOtherStacks(args: readonly string[]): void {
  const other = args.find((word) => /^(--stack|-s)(=|$)/.test(word));
  if (other === undefined) return;
  throw new UserError(
    `${other}: \`./lab up\` brings up the stack local on this machine. For another stack, run \`pulumi up --stack NAME\`.`,
  );
}

/** @param replaced URNs */
async function bringUp(
  lab: Lab,
  replaced: readonly string[],
  pulumiArguments: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const repairs = await findRepairs(lab, LOCAL_STACK);
  signal.throwIfAborted();
  for (const { problem } of repairs) console.log(problem);
  const urns = [...replaced, ...repairs.map((repair) => repair.replaced)];
  const replacements = urns.flatMap((urn) => ["--replace", urn]);
  const flags = [REFRESH, ...replacements, ...pulumiArguments];
  const rules = ["--policy-pack", "policy"];
  const code = await runPulumi(lab, ["up", "--yes", "--skip-preview", ...rules, ...flags]);
  if (code !== 0) {
    throw new UserError(
      `pulumi up ended with ${code}. The resources that it created are kept; \`./lab up\` continues from here, \`./lab down\` removes them.`,
    );
  }
}

/** Runs the two statements and returns their records. */
function auditedStatements(vm: StackOutputs): Promise<string[]> {
  return withSession(LOCAL_STACK, vm, async (session, outputs) => {
    console.log("\nRunning CREATE TABLE and INSERT with psql on the VM");
    const pid = await runStatements(session, outputs);
    const { timing } = emulationFromEnvironment(process.env);
    const { firstDeliverySeconds } = new Timing(timing);
    const wait =
      firstDeliverySeconds > 0
        ? `; as on Azure, the first ones come ${Math.ceil(firstDeliverySeconds)} s after the diagnostic setting`
        : "";
    console.log(`Reading their records from the mounted container${wait}`);
    return readRecords(session, outputs, pid, firstDeliverySeconds, (text) =>
      console.log(`Note: ${text}`),
    );
  });
}

async function show(paths: LabPaths, records: readonly string[], raw: boolean): Promise<void> {
  console.log(`\nThe records of the two statements${raw ? "" : ", decoded"}:\n`);
  if (raw) {
    console.log(records.join("\n"));
    return;
  }
  const file = path.join(paths.run, "records.json");
  fs.writeFileSync(file, `${records.join("\n")}\n`, { mode: 0o600 });
  await runAudit([file, "--format", "table"], {
    program: "./lab audit",
    env: process.env,
    stdout: process.stdout,
    notify: () => undefined,
    signal: new AbortController().signal,
  });
  fs.rmSync(file);
}
