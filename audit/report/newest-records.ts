import type { LogRecord } from "../record";

export interface Limits {
  readonly records: number;
  /** Sum over statements, messages, details and parameters; one statement may have 1 MiB. */
  readonly characters: number;
}

/** The limits may be exceeded by this factor, because sorting after each record would be slow. */
const SLACK = 1.25;

/** Keeps the newest records, within limits of number and text; records may be added in any order. */
export class NewestRecords {
  private records: LogRecord[] = [];
  private characters = 0;
  /** Older records were dropped. */
  private horizon = "";

  constructor(private readonly limits: Limits) {}

  add(record: LogRecord): void {
    if (record.time < this.horizon) return;
    this.records.push(record);
    this.characters += charactersOf(record);
    const { records, characters } = this.limits;
    if (this.records.length > records * SLACK || this.characters > characters * SLACK) this.cut();
  }

  /** Oldest first; records of the same time in the order in which they were added. */
  sorted(): readonly LogRecord[] {
    this.cut();
    return this.records;
  }

  private cut(): void {
    const { records } = this;
    records.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    let first = records.length;
    let characters = 0;
    while (first > 0 && records.length - first < this.limits.records) {
      const more = charactersOf(records[first - 1] as LogRecord);
      // At least one record is kept.
      if (characters + more > this.limits.characters && first < records.length) break;
      characters += more;
      first -= 1;
    }
    if (first > 0) this.horizon = records[first]?.time ?? "";
    this.records = records.slice(first);
    this.characters = characters;
  }
}

function charactersOf({ statement, message, detail, parameters }: LogRecord): number {
  const values = parameters?.reduce((sum, value) => sum + value.length, 0) ?? 0;
  return (statement?.length ?? 0) + (message?.length ?? 0) + (detail?.length ?? 0) + values;
}
