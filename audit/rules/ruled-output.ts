import type { OutputShare, RecordOutput } from "../output/record-output";
import type { Tally } from "../output/tally";
import type { BrokenLine, LogRecord } from "../record";
import type { Notables } from "./notables";

/** Applies the rules to each record before its output. */
export class RuledOutput implements RecordOutput {
  constructor(
    private readonly output: RecordOutput,
    private readonly notables: Notables,
  ) {}

  /** Threads apply the rules to records that they count; otherwise one thread reads, and the findings are in order. */
  get share(): OutputShare | undefined {
    const { share } = this.output;
    return share?.kind === "summary" ? { ...share, rules: this.notables } : undefined;
  }

  get usesLines(): boolean {
    return this.output.usesLines ?? true;
  }

  get closed(): boolean {
    return this.output.closed ?? false;
  }

  get notice(): string | undefined {
    return this.output.notice;
  }

  get isDoubtful(): boolean | undefined {
    return this.output.isDoubtful;
  }

  write(record: LogRecord, line: Buffer): void {
    this.notables.add(record);
    this.output.write(record, line);
  }

  writeBroken(line: BrokenLine, bytes: Buffer | undefined): void {
    this.output.writeBroken?.(line, bytes);
  }

  async drain(): Promise<void> {
    await this.output.drain();
  }

  async end(tally: Tally): Promise<void> {
    this.notables.end();
    await this.output.end(tally);
  }
}
