import * as fs from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { NewFile } from "../../common/new-file";
import type { RecordOutput } from "../output/record-output";
import { Summary, type SummaryGroup } from "../output/summary";
import type { Tally } from "../output/tally";
import { type FieldName, FIELDS, type LogRecord } from "../record";
import { bundleClient } from "./client-bundle";
import { type Limits, NewestRecords } from "./newest-records";
import { type FindingSource, NotableRules } from "./notable-rules";
import { renderPage } from "./page";
import { type Column, type ReportData, topValues, type Value } from "./report-data";
import { Timeline } from "./timeline";

/** A browser can search this many while the user types; the charts count all records. */
const DEFAULT_LIMITS: Limits = { records: 200_000, characters: 64 * 1024 ** 2 };

export interface HtmlReportOptions {
  /** Only its owner may read it, because the trail contains personal data. */
  readonly file: string;
  /** Whether an existing file is replaced. @default false */
  readonly force?: boolean;
  /** Aborted by Ctrl-C: no page is written then, because it would be incomplete. */
  readonly signal?: AbortSignal;
  /** Limits of the table. @default 200,000 records with 64 Mi characters of statements and messages */
  readonly limits?: Limits;
  /** Findings of rules, which the page shows first. @default no rules */
  readonly notable?: FindingSource;
  /** @default the clock */
  readonly now?: () => Date;
}

/** Writes one page that needs no network: charts that count all records, and a searchable table of the newest. */
export class HtmlReport implements RecordOutput {
  readonly usesLines = false;
  private readonly summary = new Summary();
  private readonly timeline = new Timeline();
  private readonly servers = new Map<string, number>();
  private readonly newest: NewestRecords;
  private readonly notable: NotableRules | undefined;
  /** Records of SELECT and DML, and those of them that name a relation. */
  private readonly relations = { used: 0, named: 0 };
  private readonly file: NewFile;

  /** @throws UserError if the file exists or can't be written, before the trail is read */
  constructor(private readonly options: HtmlReportOptions) {
    const { file, force, signal, limits = DEFAULT_LIMITS } = options;
    this.newest = new NewestRecords(limits);
    this.file = new NewFile({ option: "--html", file, replace: force, signal });
    this.notable = options.notable && new NotableRules(options.notable);
  }

  write(record: LogRecord): void {
    this.summary.add(record);
    this.timeline.add(record);
    this.newest.add(record);
    this.notable?.add(record);
    const { server } = record;
    if (server !== null) this.servers.set(server, (this.servers.get(server) ?? 0) + 1);
    if (record.class === "READ" || record.class === "WRITE") {
      this.relations.used += 1;
      if (record.object_name !== null) this.relations.named += 1;
    }
  }

  async drain(): Promise<void> {}

  async end(tally: Tally): Promise<void> {
    if (this.options.signal?.aborted) return;
    const { records, first, last } = this.summary.part();
    const rows = this.newest.sorted();
    const data: ReportData = {
      records,
      rows: rows.length,
      timeline: this.timeline.data(),
      top: this.top(),
      notable: this.notable?.list(rows) ?? [],
      columns: columnsOf(rows),
    };
    const compressed = await promisify(gzip)(JSON.stringify(data));
    const page = renderPage({
      createdAt: (this.options.now?.() ?? new Date()).toISOString(),
      servers: [...this.servers.keys()].sort(),
      range: first === null || last === null ? undefined : { first, last },
      rows: rows.length,
      oldestRow: rows[0]?.time,
      notable: this.notable && data.notable,
      errors: this.summary.counts("kind").find(({ value }) => value === "error")?.records ?? 0,
      users: this.summary.counts("user").filter(({ value }) => isName(value)).length,
      namesRelations: this.relations.used === 0 || this.relations.named > 0,
      tally,
      data: compressed.toString("base64"),
      client: await bundleClient(),
    });
    await this.file.create((part) => fs.writeFile(part, page));
  }

  private top(): ReportData["top"] {
    const counts = (group: SummaryGroup) => topValues(this.summary.counts(group));
    return {
      user: counts("user"),
      object: counts("object"),
      command: counts("command"),
      database: counts("database"),
      server: topValues([...this.servers].map(([value, records]) => ({ value, records }))),
    };
  }
}

/** Sessions have the name `[unknown]` until they are authenticated. */
function isName(user: string | null): boolean {
  return user !== null && user !== "[unknown]";
}

/** A dictionary is used if a value occurs in this many rows on average. */
const MIN_REPETITION = 2;

/** The records field by field, which is far smaller than record by record: names and repeated values occur once. */
function columnsOf(records: readonly LogRecord[]): Record<FieldName, Column> {
  const names = Object.keys(FIELDS) as FieldName[];
  return Object.fromEntries(
    names.map((name) => [name, columnOf(records.map((record) => record[name]))]),
  ) as Record<FieldName, Column>;
}

function columnOf(values: readonly Value[]): Column {
  const numbers = new Map<Value, number>();
  const indexes: number[] = [];
  for (const value of values) {
    // Lists are equal only to themselves.
    const index = numbers.get(value) ?? numbers.size;
    if (index === numbers.size) numbers.set(value, index);
    if (numbers.size * MIN_REPETITION > values.length) return { values };
    indexes.push(index);
  }
  return { dictionary: [...numbers.keys()], indexes };
}
