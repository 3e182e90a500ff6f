import * as path from "node:path";
import { LOG_LINE_PREFIX } from "../../components/server-parameters";
import { FILTERED_USER } from "./events";
import { type Generated } from "./generate";

/** A program that reads the generated files. */
export interface Contestant {
  readonly name: string;
  /** The program and its arguments. */
  command(files: Generated): readonly string[];
  /** Number of bytes that it reads. */
  bytes(files: Generated): number;
  /** Whether the output has one line per record, so that the lines are counted; otherwise `records` reads it. */
  readonly writesRecords: boolean;
  /** The number of records according to its output; undefined if the output doesn't contain it. */
  records?(output: string): number;
  /** The counts as text, for comparison; undefined if it doesn't count. */
  counts?(output: string): string;
  /** The right number of records. */
  expected(files: Generated): number;
  /** The file that it writes, which mustn't exist before. */
  outputFile?(files: Generated): string;
  /** Debian package of the program. */
  readonly debianPackage?: string;
  readonly remark?: string;
}

const PROJECT = path.join(__dirname, "../..");

const AUDIT = path.join(PROJECT, "audit/bin/pg-audit.js");

const lines = (output: string) => Number(output);

/** A summary as JSON. */
type Counted = { readonly records: number } & Readonly<
  Record<string, readonly { readonly value: string | null; readonly records: number }[]>
>;
const counted = (output: string) => (JSON.parse(output) as Counted).records;

/** The counts of both readers in one order. */
function countsOf(output: string): string {
  const summary = JSON.parse(output) as Counted;
  return ["class", "user", "command", "object", "hour"]
    .flatMap((group) =>
      (summary[group] ?? []).map(({ value, records }) => `${group} ${value}: ${records}`),
    )
    .sort()
    .join("\n");
}

type Reading = Pick<Contestant, "writesRecords" | "records" | "counts" | "outputFile">;

const LINES: Reading = { writesRecords: true, records: lines };
const COUNTS: Reading = { writesRecords: false, records: counted };

function reader(
  what: string,
  options: readonly string[],
  threads: number,
  reading: Reading = LINES,
): Contestant {
  const { outputFile } = reading;
  return {
    name: `audit ${what}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    command: (files) => [
      ...[AUDIT, ...options, ...(outputFile ? [outputFile(files)] : [])],
      ...["--threads", String(threads), files.trail],
    ],
    bytes: ({ trailBytes }) => trailBytes,
    expected: ({ records, filteredRecords }) =>
      options.includes("--user") ? filteredRecords : records,
    ...reading,
  };
}

/** A reader that writes a file. */
function exporter(option: string, threads: number): Contestant {
  const outputFile = ({ trail }: Generated) => `${trail}.${option.slice(2)}`;
  return reader(option, [option], threads, { writesRecords: false, outputFile });
}

export const NAIVE = "naive (readline, JSON.parse, regex)";
export const START = "start with one line";
export const JQ = "jq -c .properties.message";

const SUMMARY = ["--summary", "--format", "json"];
const JSON_LINES = ["--format", "json"];
const FILTER = ["--format", "json", "--user", FILTERED_USER];
const SQL = ["--sql", "SELECT count(*) AS records FROM audit", "--format", "json"];

export const CONTESTANTS: readonly Contestant[] = [
  reader("--summary", SUMMARY, 1, { ...COUNTS, counts: countsOf }),
  reader("--summary", SUMMARY, 2, { ...COUNTS, counts: countsOf }),
  reader("--format json", JSON_LINES, 1),
  reader("--format json", JSON_LINES, 2),
  reader(`--user ${FILTERED_USER} (4 %)`, FILTER, 1),
  reader(`--user ${FILTERED_USER} (4 %)`, FILTER, 2),
  reader("--sql", SQL, 1, COUNTS),
  reader("--sql", SQL, 2, COUNTS),
  exporter("--parquet", 2),
  exporter("--html", 1),
  {
    name: START,
    command: ({ line }) => [AUDIT, "--format", "json", line],
    bytes: () => 0,
    ...LINES,
    expected: () => 1,
  },
  {
    name: "node -e 0",
    command: () => ["node", "-e", "0"],
    bytes: () => 0,
    writesRecords: false,
    expected: () => 0,
  },
  {
    name: NAIVE,
    command: ({ trail }) => [
      "node",
      "--require",
      "tsx/cjs",
      path.join(__dirname, "naive.ts"),
      trail,
    ],
    bytes: ({ trailBytes }) => trailBytes,
    writesRecords: false,
    records: counted,
    counts: countsOf,
    expected: ({ records }) => records,
  },
  {
    name: JQ,
    command: ({ trail }) => ["jq", "-c", ".properties.message", trail],
    bytes: ({ trailBytes }) => trailBytes,
    writesRecords: true,
    records: lines,
    expected: ({ records }) => records,
    debianPackage: "jq",
  },
  {
    name: "pgBadger",
    command: ({ postgresLog }) => [
      ...["pgbadger", "--quiet", "--format", "stderr", "--prefix", LOG_LINE_PREFIX],
      ...["--jobs", "1", "--outfile", `${postgresLog}.html`, postgresLog],
    ],
    bytes: ({ postgresLogBytes }) => postgresLogBytes,
    writesRecords: false,
    expected: ({ records }) => records,
    debianPackage: "pgbadger",
    remark: "other work: a report of queries, from the same events as PostgreSQL's log",
  },
];
