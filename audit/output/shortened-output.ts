import type { LogRecord } from "../record";
import type { RecordOutput } from "./record-output";
import { formatCount, type Tally } from "./tally";

/** Writes the first records to another output, and ends the reading then. Records are in order: one thread reads. */
export class FirstRecords implements RecordOutput {
  private written = 0;
  private ambiguous = 0;

  /** @param limit number of records, at least 1 */
  constructor(
    private readonly output: RecordOutput,
    private readonly limit: number,
  ) {}

  get closed(): boolean {
    return this.isFull || (this.output.closed ?? false);
  }

  private get isFull(): boolean {
    return this.written === this.limit;
  }

  write(record: LogRecord, line: Buffer): void {
    if (this.isFull) return;
    this.written += 1;
    if (record.ambiguous !== null) this.ambiguous += 1;
    this.output.write(record, line);
  }

  async drain(): Promise<void> {
    await this.output.drain();
  }

  /** The records of the last chunk that are beyond the limit aren't counted as shown. */
  async end(tally: Tally): Promise<void> {
    tally.shown = this.written;
    tally.ambiguous = this.ambiguous;
    await this.output.end(tally);
  }
}

/** Keeps the last records in memory, and writes them to another output at the end. */
export class LastRecords implements RecordOutput {
  private readonly kept: { readonly record: LogRecord; readonly line: Buffer }[] = [];
  /** Index of the oldest record. */
  private oldest = 0;
  private received = 0;

  /** @param size number of records, at least 1 */
  constructor(
    private readonly output: RecordOutput,
    private readonly size: number,
  ) {}

  get closed(): boolean {
    return this.output.closed ?? false;
  }

  get notice(): string | undefined {
    const { received, size } = this;
    if (received <= size) return undefined;
    return `these are the last ${formatCount(size)} of ${formatCount(received)} records`;
  }

  write(record: LogRecord, line: Buffer): void {
    this.received += 1;
    this.kept[this.oldest] = { record, line: Buffer.from(line) };
    this.oldest = (this.oldest + 1) % this.size;
  }

  async drain(): Promise<void> {
    await this.output.drain();
  }

  async end(tally: Tally): Promise<void> {
    const start = this.kept.length < this.size ? 0 : this.oldest;
    for (const { record, line } of [...this.kept.slice(start), ...this.kept.slice(0, start)]) {
      this.output.write(record, line);
      await this.output.drain();
    }
    tally.shown = this.kept.length;
    tally.ambiguous = this.kept.filter(({ record }) => record.ambiguous !== null).length;
    await this.output.end(tally);
  }
}
