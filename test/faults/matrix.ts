/** The fault matrix: `npm run test:faults -- --help`. Its lab is in LAB_DIR, whose parent folder is a file system of its own. */
import { Command, Option } from "commander";
import * as fs from "node:fs";
import * as path from "node:path";
import { LabPaths, PROJECT_ROOT } from "../../local/paths";
import { type Cell, MOMENTS, QUICK_CELLS, SMALL_CELLS, WHOLE_CELLS, isUp } from "./cells";
import { type LabUnderTest } from "./lab-under-test";
import { LogKeeper } from "./log-keeper";
import { PART_NAMES } from "./parts";
import { markdown, row, summary } from "./report";
import { type CellResult, isGood, runCell } from "./run-cell";
import { SmallLab } from "./small-lab";
import { mountSmallDisk, unmountSmallDisk, WAYS } from "./ways";
import { WholeLab } from "./whole-lab";

/** Beyond it a cell gets a new lab: the whole trail is read through the emulated processor again and again. */
const MOST_LINES = 60_000;

/** Room for the VM's disk, the server and the blobs. */
const DISK_MB = { small: 700, whole: 3000 };

interface Options {
  readonly part?: string[];
  readonly moment?: string[];
  readonly way?: string[];
  readonly quick: boolean;
  readonly small: boolean;
  readonly json: boolean;
  readonly stopSeconds: number;
}

const options = new Command("test:faults")
  .description("Makes each part of the lab fail, brings the lab up again, and compares the trail.")
  .addOption(new Option("--part <name...>", "only these parts").choices(PART_NAMES))
  .addOption(new Option("--moment <name...>", "only these moments").choices(MOMENTS))
  .addOption(new Option("--way <name...>", "only these ways").choices(WAYS))
  .option("--quick", "a few cells only", false)
  .option("--small", "without the VM and the engine", false)
  .option("--json", "print the results as JSON", false)
  .addOption(
    new Option("--stop-seconds <count>", "how long a stopped part hangs")
      .default(60)
      .argParser(Number),
  )
  .parse()
  .opts<Options>();

const isChosen = ({ part, moment, way }: Cell): boolean =>
  (options.part?.includes(part) ?? true) &&
  (options.moment?.includes(moment) ?? true) &&
  (options.way?.includes(way) ?? true);

const say = (text: string) => console.error(`${new Date().toISOString()} ${text}`);

async function main(): Promise<void> {
  const all = options.small ? SMALL_CELLS : options.quick ? QUICK_CELLS : WHOLE_CELLS;
  const cells = all.filter(isChosen);
  const folder = new LabPaths().root;
  const disk = path.dirname(folder);
  const kind = options.small ? "small" : "whole";
  await mountSmallDisk(disk, DISK_MB[kind]);
  const results: CellResult[] = [];
  try {
    await runAll(cells, folder, results);
  } finally {
    await unmountSmallDisk(disk);
  }
  if (options.json) console.log(JSON.stringify(results, undefined, 2));
  else console.log(markdown(results));
  console.error(summary(results, all.length - cells.length));
  if (!results.every(isGood)) process.exitCode = 1;
}

async function runAll(
  cells: readonly Cell[],
  folder: string,
  results: CellResult[],
): Promise<void> {
  const lab: LabUnderTest = options.small ? new SmallLab(folder) : new WholeLab();
  if (lab instanceof WholeLab) lab.prepare();
  const keeper = new LogKeeper(lab.paths, path.join(path.dirname(folder), "kept-logs"));
  keeper.start();
  let isThere = false;
  try {
    for (const cell of cells) {
      // An up starts without a lab, all else with one.
      if (isThere && (isUp(cell.moment) || keeper.lines().length > MOST_LINES)) {
        say("taking the lab down");
        await lab.remove();
        keeper.clear();
        isThere = false;
      }
      if (!isThere && !isUp(cell.moment)) {
        say("bringing the lab up");
        await lab.start();
      }
      say(`${cell.part} ${cell.moment} ${cell.way}`);
      const result = await attempt(lab, keeper, cell);
      results.push(result);
      say(row(result).join(" | "));
      isThere = isGood(result);
      if (isThere) continue;
      keepEvidence(lab, result);
      await lab.remove();
      keeper.clear();
    }
  } finally {
    keeper.stop();
    await lab.remove();
  }
}

/** A cell that can't be carried out is a failure of its own. */
async function attempt(lab: LabUnderTest, keeper: LogKeeper, cell: Cell): Promise<CellResult> {
  try {
    return await runCell(lab, keeper, cell, options);
  } catch (error) {
    const message = `the cell can't be carried out: ${(error as Error).message}`;
    return { cell, survived: false, seconds: 0, unlogged: 0, acknowledged: 0, message };
  }
}

/** The output and the logs of a cell that failed. */
function keepEvidence({ paths }: LabUnderTest, { cell, ...result }: CellResult): void {
  const name = [cell.part, cell.moment.replace(":", "-"), cell.way].join("-");
  const folder = path.join(PROJECT_ROOT, ".lab", "faults-evidence", name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (fs.existsSync(paths.logs)) {
    fs.cpSync(paths.logs, path.join(folder, "logs"), { recursive: true });
  }
  fs.writeFileSync(path.join(folder, "message.txt"), result.message);
  fs.writeFileSync(path.join(folder, "result.json"), JSON.stringify(result, undefined, 2));
  say(`its output and logs are in ${folder}`);
}

void main();
