import { type LogRecord } from "../record";

export interface Limits {
  readonly records: number;
  /** Of their statements, messages, details and parameters: one statement may be 1 MiB long. */
  readonly characters: number;
}

/** What is kept beyond the limits before the oldest are dropped: sorting for each record would be slow. */
const SLACK = 1.25;

/** Keeps the newest records within limits of their number and of their text, in whatever order they come. */
export class NewestRecords {
  private records: LogRecord[] = [];
  private characters = 0;
  /** Nothing older is among the newest: newer ones took its place. */
  private horizon = "";

  constructor(private readonly limits: Limits) {}

  add(record: LogRecord): void {
    if (record.time < this.horizon) return;
    this.records.push(record);
    this.characters += charactersOf(record);
    const { records, characters } = this.limits;
    if (this.records.length > records * SLACK || this.characters > characters * SLACK) this.cut();
  }

  /** Oldest first; what has the same time stays in the order in which it came. */
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
      // One record is kept, however long it is.
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
