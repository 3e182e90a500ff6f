import type { LogRecord } from "../record";
import { type Finding, LEVELS } from "../rules/finding";
import type { NotableRule } from "./report-data";

/** Where findings come from: those of a record before it is written, the others before the end. */
export interface FindingSource {
  listen(listener: (finding: Finding) => void): void;
}

interface Hits extends Pick<NotableRule, "id" | "title" | "level"> {
  count: number;
  first: string;
  last: string;
  /** Findings of one record. */
  records: number;
  readonly bursts: Finding[];
}

/** Descriptions of bursts that the page shows of a rule. */
const NOTES_SHOWN = 3;

/** Collects the findings of rules, and the records that they are of, as long as these are kept. */
export class NotableRules {
  private readonly hits = new Map<string, Hits>();
  /** Ids of the rules that found a record. */
  private readonly rulesOf = new WeakMap<LogRecord, string[]>();
  /** Findings of records that weren't written after them. */
  private pending: Finding[] = [];

  constructor(source: FindingSource) {
    source.listen((finding) => this.addFinding(finding));
  }

  add(record: LogRecord): void {
    for (let last = this.pending.at(-1); last && isOf(last, record); last = this.pending.at(-1)) {
      const rules = this.rulesOf.get(record) ?? [];
      this.rulesOf.set(record, [...rules, last.rule_id]);
      this.pending.pop();
    }
  }

  /**
   * The rules with findings, the most severe first.
   * @param rows the records of the table, oldest first
   */
  list(rows: readonly LogRecord[]): NotableRule[] {
    const found = this.rowsByRule(rows);
    return [...this.hits.values()]
      .map(({ bursts, records, ...hits }) => {
        const ofRecords = found.get(hits.id) ?? [];
        const ofBursts = bursts.flatMap((burst) => rowsOfBurst(burst, rows));
        return {
          ...hits,
          older: records - ofRecords.length,
          notes: bursts.slice(0, NOTES_SHOWN).map(({ text }) => text),
          rows: [...new Set([...ofRecords, ...ofBursts])].sort((a, b) => a - b),
        };
      })
      .sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || b.count - a.count);
  }

  private addFinding(finding: Finding): void {
    const { rule_id: id, rule: title, level, time, last_time: lastTime } = finding;
    const last = lastTime ?? time;
    const hits = this.hits.get(id) ?? {
      ...{ id, title, level, count: 0, first: time, last, records: 0, bursts: [] },
    };
    this.hits.set(id, hits);
    hits.count += 1;
    if (time < hits.first) hits.first = time;
    if (last > hits.last) hits.last = last;
    if (finding.file === null) hits.bursts.push(finding);
    else {
      hits.records += 1;
      this.pending.push(finding);
    }
  }

  private rowsByRule(rows: readonly LogRecord[]): Map<string, number[]> {
    const late = new Map<string, string[]>();
    for (const { rule_id: id, ...place } of this.pending) {
      late.set(keyOf(place), [...(late.get(keyOf(place)) ?? []), id]);
    }
    const found = new Map<string, number[]>();
    for (const [index, record] of rows.entries()) {
      const ids = this.rulesOf.get(record) ?? [];
      for (const id of [...ids, ...((late.size > 0 && late.get(keyOf(record))) || [])]) {
        const indexes = found.get(id) ?? [];
        found.set(id, indexes);
        indexes.push(index);
      }
    }
    return found;
  }
}

type Place = Pick<Finding, "file" | "file_offset">;

function isOf(finding: Place, { file, file_offset }: LogRecord): boolean {
  return finding.file_offset === file_offset && finding.file === file;
}

function keyOf({ file, file_offset }: Place): string {
  return `${file_offset} ${file}`;
}

const GROUP_FIELDS = [
  ...(["server", "user_name", "database_name", "client", "command", "object_name"] as const),
];

/** The rows at the time of a burst with its values: at least those that were counted. */
function rowsOfBurst(burst: Finding, rows: readonly LogRecord[]): number[] {
  const last = burst.last_time ?? burst.time;
  const found: number[] = [];
  for (let index = firstAt(burst.time, rows); index < rows.length; index += 1) {
    const record = rows[index] as LogRecord;
    if (record.time > last) break;
    const hasValues = GROUP_FIELDS.every(
      (name) => burst[name] === null || burst[name] === record[name],
    );
    if (hasValues) found.push(index);
  }
  return found;
}

/** The index of the first row of a time or a later one. */
function firstAt(time: string, rows: readonly LogRecord[]): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as LogRecord).time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
