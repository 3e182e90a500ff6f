/** `npm run bench:load`: the trail under the load of pgbench: lag, memory, open files, catching up, and lines lost. */
import Table from "cli-table3";
import { Command } from "commander";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runningPid } from "../../common/child-process";
import { pollUntil } from "../../common/poll";
import { runMain } from "../../common/run-main";
import { KeptLog } from "../../test/support/kept-log";
import { compare, type Comparison } from "./exactly-once";
import { LoadLab } from "./lab";
import { Pgbench } from "./pgbench";
import { Readers } from "./readers";
import { type Program, PROGRAMS, Resources, type Usage } from "./resources";

interface Options {
  readonly rates: string;
  readonly seconds: string;
  readonly clients: string;
  readonly outage: string;
  readonly long?: string;
}

/** The trail counts as complete when the follower is this far behind. */
const CAUGHT_UP_MILLISECONDS = 3000;
/** Without a further line for so long, no line is missing. */
const QUIET_MILLISECONDS = 10_000;

interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly linesPerSecond: number | undefined;
  /** What happens to the storage in the middle. @returns a note for the table */
  readonly meanwhile?: (lab: LoadLab, readers: Readers) => Promise<string>;
}

interface Result {
  readonly phase: Phase;
  readonly transactionsPerSecond: number;
  /** Milliseconds, sorted. */
  readonly lags: readonly number[];
  readonly usage: ReadonlyMap<Program, Usage>;
  readonly note: string;
}

async function main(): Promise<void> {
  const options = new Command("npm run bench:load --")
    .description(
      "Measures the way of log lines to the blobs while pgbench runs with pgaudit.log=ALL.",
    )
    .option(
      "--rates <numbers>",
      "lines a second, with commas; max is as fast as possible",
      "50,500,5000,max",
    )
    .option("--seconds <number>", "duration of each rate", "60")
    .option("--clients <number>", "of pgbench", "20")
    .option("--outage <seconds>", "how long the storage is away at the full rate; 0: never", "300")
    .option("--long <seconds>", "one more run at the full rate, for memory and open files")
    .parse()
    .opts<Options>();
  const lab = await LoadLab.start();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-load-"));
  const log = new KeptLog(lab.ready.servers, folder);
  log.start();
  const readers = new Readers(lab.container());
  try {
    const pgbench = new Pgbench(lab.ready);
    const since = Date.now();
    await pgbench.initialise();
    const results: Result[] = [];
    for (const phase of phasesOf(options)) {
      console.error(`${phase.name}: ${phase.seconds} s`);
      results.push(await run(phase, { lab, pgbench, readers, clients: Number(options.clients) }));
    }
    await readers.stop();
    log.stop();
    print(results, await compare(log.files(), lab.container(), since));
  } finally {
    log.stop();
    await readers.stop();
    await lab.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function phasesOf({ rates, seconds, outage, long }: Options): Phase[] {
  const full = { linesPerSecond: undefined };
  const phases: Phase[] = rates.split(",").map((rate) => ({
    name: rate === "max" ? "full rate" : `${rate} lines/s`,
    seconds: Number(seconds),
    linesPerSecond: rate === "max" ? undefined : Number(rate),
  }));
  if (long !== undefined) phases.push({ name: "full rate, long", seconds: Number(long), ...full });
  if (Number(outage) > 0) {
    const away = Number(outage);
    phases.push(
      { name: "storage killed", seconds: 40, ...full, meanwhile: (lab) => kill(lab) },
      {
        name: `storage away for ${away} s`,
        seconds: away + 30,
        ...full,
        meanwhile: (lab, readers) => stop(lab, readers, away),
      },
    );
  }
  return phases;
}

async function run(
  phase: Phase,
  parts: {
    readonly lab: LoadLab;
    readonly pgbench: Pgbench;
    readonly readers: Readers;
    readonly clients: number;
  },
): Promise<Result> {
  const { lab, pgbench, readers, clients } = parts;
  const { seconds, linesPerSecond, meanwhile } = phase;
  readers.takeLags();
  const resources = new Resources(lab);
  const note = meanwhile?.(lab, readers);
  const transactionsPerSecond = await pgbench.load({ clients, seconds, linesPerSecond });
  // The measurements until then stay.
  const noted = await Promise.resolve(note).catch((error: Error) => error.message);
  const usage = resources.stop();
  await delay(CAUGHT_UP_MILLISECONDS);
  return { phase, transactionsPerSecond, lags: readers.takeLags(), usage, note: noted ?? "" };
}

/** SIGKILL every 10 seconds, twice. */
async function kill(lab: LoadLab): Promise<string> {
  for (let time = 0; time < 2; time++) {
    await delay(10_000);
    const pid = runningPid(lab.ready.pidFiles.azurite);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    await pollUntil(() => runningPid(lab.ready.pidFiles.azurite) === undefined, {
      what: "Azurite to end",
      timeoutSeconds: 10,
    });
    await lab.do("start Azurite");
  }
  return "SIGKILL twice";
}

async function stop(lab: LoadLab, readers: Readers, seconds: number): Promise<string> {
  await delay(5000);
  await lab.do("stop Azurite");
  await delay(seconds * 1000);
  await lab.do("start Azurite");
  readers.takeLags();
  const start = Date.now();
  let last: number | undefined;
  await pollUntil(
    () => {
      const [least] = readers.takeLags();
      if (least !== undefined) last = Date.now();
      // The load may end before the lines that it left are there.
      const isQuiet = last !== undefined && Date.now() - last > QUIET_MILLISECONDS;
      return isQuiet || (least ?? Infinity) < CAUGHT_UP_MILLISECONDS;
    },
    { what: "the trail to be complete again", timeoutSeconds: 1200 },
  );
  return `complete ${(((last ?? start) - start) / 1000).toFixed(1)} s after it`;
}

function print(results: readonly Result[], comparison: Comparison): void {
  const [load = 0] = os.loadavg();
  console.log(
    `${new Date().toISOString().slice(0, 16)}Z, Node.js ${process.version}, ${os.cpus().length} cores, ` +
      `load average of the machine ${load.toFixed(1)}`,
  );
  const table = new Table({
    head: [
      ...["load", "tps", "lines", "lag p50", "p95", "p99 (ms)"],
      ...PROGRAMS.map((name) => `${name}\nMiB first>last (peak), files`),
      "",
    ],
  });
  for (const { phase, transactionsPerSecond, lags, usage, note } of results) {
    table.push([
      ...[phase.name, transactionsPerSecond.toFixed(0), lags.length],
      ...[0.5, 0.95, 0.99].map((part) => lags[Math.floor(lags.length * part)] ?? "-"),
      ...PROGRAMS.map((name) => describe(usage.get(name))),
      note,
    ]);
  }
  console.log(table.toString());
  const { lines, lost, doubled, disordered } = comparison;
  console.log(
    `PostgreSQL wrote ${lines} lines; lost: ${lost}, doubled: ${doubled}, sessions in another order: ${disordered}`,
  );
}

function describe(usage: Usage | undefined): string {
  if (!usage) return "-";
  const { firstMib, lastMib, peakMib, peakHandles } = usage;
  const [first, last, peak] = [firstMib, lastMib, peakMib].map((mib) => mib.toFixed(0));
  return `${first}>${last} (${peak}), ${peakHandles}`;
}

runMain(main);
