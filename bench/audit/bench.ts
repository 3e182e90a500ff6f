/** `npm run bench:audit`: compares the speed of the audit reader with other programs, on the same records. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { runMain } from "../../common/run-main";
import { UserError } from "../../common/user-error";
import { type Contestant, CONTESTANTS, JQ, NAIVE, START } from "./contestants";
import { generate, type Generated } from "./generate";
import { measure } from "./measure";

/** For the trail; for the same events as PostgreSQL's log and as rows of DuckDB, which have half the size each. */
const DISK_BYTES_PER_BYTE = 2.5;

/** The result of a contestant at one size. */
interface Result {
  readonly name: string;
  readonly sizeMb: number;
  readonly seconds: number;
  /** Zero for the programs that only start. */
  readonly mbPerSecond: number;
  readonly peakMib: number;
}

interface Goal {
  readonly text: string;
  /** Undefined if a figure is missing. */
  readonly measured: number | undefined;
  readonly reached: boolean;
}

interface Options {
  readonly sizeMb: string;
  readonly only?: string;
  readonly runs: string;
  readonly keep?: boolean;
  readonly folder?: string;
}

async function main(): Promise<void> {
  const options = new Command("npm run bench:audit --")
    .description("Compares the speed of the audit reader with other programs.")
    .option("--size-mb <sizes>", "sizes of the trail in 10^6 bytes, with commas", "256,1000")
    .option("--only <text>", "only programs with this text in the name, such as json, jq or audit")
    .option(
      "--runs <number>",
      "runs of each; the result is the fastest and the largest memory",
      "1",
    )
    .option("--folder <path>", "where to put the files (default: the system's temporary folder)")
    .option("--keep", "don't remove the files")
    .parse()
    .opts<Options>();
  const folder = fs.mkdtempSync(path.join(options.folder ?? os.tmpdir(), "bench-audit-"));
  process.once("SIGINT", () => {
    fs.rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  });
  try {
    await run(folder, options);
  } finally {
    if (options.keep) console.log(`The files are in ${folder}.`);
    else fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, { sizeMb, only = "", runs }: Options): Promise<void> {
  const sizes = numbers("--size-mb", sizeMb).sort((a, b) => a - b);
  const [runCount = 1] = numbers("--runs", runs);
  const contestants = present(CONTESTANTS.filter(({ name }) => name.includes(only)));
  const cpu = os.cpus()[0]?.model ?? "unknown";
  console.log(
    `Node ${process.version}, ${os.availableParallelism()} cores (${cpu}), load ${os.loadavg()[0]?.toFixed(1)}`,
  );
  const results: Result[] = [];
  for (const size of sizes) {
    needDisk(folder, size * 1e6 * DISK_BYTES_PER_BYTE);
    const files = generate(folder, size);
    console.log(
      `\n${size} MB: ${files.records} records; as PostgreSQL's log ${(files.postgresLogBytes / 1e6).toFixed(0)} MB`,
    );
    const ofSize: Result[] = [];
    const counts = new Map<string, string>();
    for (const contestant of contestants) {
      ofSize.push(await compete(contestant, files, { folder, counts, runs: runCount }));
      process.stderr.write(".");
    }
    process.stderr.write("\n");
    console.log(tableOf(ofSize));
    results.push(...ofSize);
  }
  for (const { name, remark } of contestants) if (remark) console.log(`${name}: ${remark}.`);
  console.log("All counts agree with what was generated.\n");
  console.log(goals(results).map(goalLine).join("\n"));
}

interface Competition {
  readonly folder: string;
  readonly runs: number;
  /** The counts of each contestant so far, by its name. */
  readonly counts: Map<string, string>;
}

/** @throws Error if the number of records or the counts are wrong */
async function compete(
  contestant: Contestant,
  files: Generated,
  { folder, runs, counts }: Competition,
): Promise<Result> {
  const { name, writesRecords } = contestant;
  let [seconds, peakMib] = [Infinity, 0];
  for (let index = 0; index < runs; index += 1) {
    const outputFile = contestant.outputFile?.(files);
    if (outputFile !== undefined) fs.rmSync(outputFile, { force: true });
    const measured = await measure(contestant.command(files), {
      ...(writesRecords ? { countFile: path.join(folder, "count") } : {}),
      cwd: path.join(__dirname, "../.."),
    });
    const [found, expected] = [contestant.records?.(measured.output), contestant.expected(files)];
    if (found !== undefined && found !== expected) {
      throw new Error(`${name} found ${found} records, where ${expected} were generated`);
    }
    const counted = contestant.counts?.(measured.output);
    if (counted !== undefined) counts.set(name, counted);
    if (new Set(counts.values()).size > 1) {
      throw new Error(`${[...counts.keys()].join(" and ")} count differently`);
    }
    seconds = Math.min(seconds, measured.seconds);
    peakMib = Math.max(peakMib, measured.peakMib);
  }
  const mbPerSecond = contestant.bytes(files) / 1e6 / seconds;
  return { name, sizeMb: files.sizeMb, seconds, mbPerSecond, peakMib };
}

function tableOf(results: readonly Result[]): string {
  const speed = (wanted: string) => results.find(({ name }) => name === wanted)?.mbPerSecond;
  const times = (result: Result, other: number | undefined) =>
    other === undefined || result.mbPerSecond === 0 ? "" : (result.mbPerSecond / other).toFixed(1);
  const table = new Table({
    head: ["", "seconds", "MB/s", "times jq", "times naive", "peak MiB"],
    colAligns: ["left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    table.push([
      result.name,
      result.seconds.toFixed(2),
      result.mbPerSecond === 0 ? "" : result.mbPerSecond.toFixed(0),
      times(result, speed(JQ)),
      times(result, speed(NAIVE)),
      result.peakMib.toFixed(0),
    ]);
  }
  return table.toString();
}

function goalLine({ text, measured, reached }: Goal): string {
  const verdict = measured === undefined ? "not measured" : reached ? "reached" : "SHORT";
  return `${verdict.padEnd(13)}${measured === undefined ? "" : measured.toFixed(2).padStart(6)}  ${text}`;
}

/** The contestants whose programs are installed; prints how to install the others. */
function present(contestants: readonly Contestant[]): Contestant[] {
  return contestants.filter(({ debianPackage }) => {
    if (debianPackage === undefined || !spawnSync(debianPackage, ["--version"]).error) return true;
    console.log(
      `${debianPackage} isn't installed and is left out: apt-get install -y ${debianPackage}`,
    );
    return false;
  });
}

function needDisk(folder: string, bytes: number): void {
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  throw new UserError(
    `${folder} has ${Math.floor((bavail * bsize) / 1e6)} MB of free space; ${bytes / 1e6} MB are needed. Make room, or give another --folder or a smaller --size-mb.`,
  );
}

function numbers(option: string, text: string): number[] {
  const values = text.split(",").map(Number);
  if (values.every((value) => Number.isInteger(value) && value > 0)) return values;
  throw new UserError(`${option} is "${text}"; it takes whole numbers from 1 on`);
}

/** Compares the results with the goals: speed at the largest size, memory at the largest with that at the smallest. */
function goals(results: readonly Result[]): Goal[] {
  const sizes = [...new Set(results.map(({ sizeMb }) => sizeMb))].sort((a, b) => a - b);
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  const at = (size: number | undefined, name: string) =>
    results.find((result) => result.sizeMb === size && result.name === name);
  const speed = (name: string) => at(largest, name)?.mbPerSecond;
  const times = (least: number, name: string, other: string): Goal =>
    atLeast(least, ratio(speed(name), speed(other)), `${name}: at least ${least} times ${other}`);
  const readers = [...new Set(results.map(({ name }) => name))].filter((name) =>
    name.startsWith("audit "),
  );
  const withOption = (option: string) => readers.filter((name) => name.includes(option));
  return [
    times(4, "audit --summary, 1 thread", JQ),
    times(1.8, "audit --summary, 1 thread", NAIVE),
    times(7, "audit --summary, 2 threads", JQ),
    ...withOption("--format json").map((name) => times(2, name, JQ)),
    ...withOption("--user").map((name) => times(15, name, JQ)),
    ...withOption("--sql").map((name) => atLeast(200, speed(name), `${name}: at least 200 MB/s`)),
    atMost(0.15, at(largest, START)?.seconds, `${START}: at most 0.15 seconds`),
    ...(smallest === largest ? [] : readers).map((name) =>
      atMost(
        1.1,
        ratio(at(largest, name)?.peakMib, at(smallest, name)?.peakMib),
        `${name}: memory at ${largest} MB at most 1.1 times that at ${smallest} MB`,
      ),
    ),
  ];
}

function atLeast(least: number, measured: number | undefined, text: string): Goal {
  return { text, measured, reached: (measured ?? 0) >= least };
}

function atMost(most: number, measured: number | undefined, text: string): Goal {
  return { text, measured, reached: (measured ?? Infinity) <= most };
}

function ratio(value: number | undefined, other: number | undefined): number | undefined {
  return value === undefined || other === undefined ? undefined : value / other;
}

runMain(main);
