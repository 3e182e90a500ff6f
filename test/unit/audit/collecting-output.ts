import type { RecordOutput } from "../../../audit/output/record-output";
import type { Tally } from "../../../audit/output/tally";
import type { LogRecord } from "../../../audit/record";

/** An output that keeps what it is given. */
export class CollectingOutput implements RecordOutput {
  readonly records: LogRecord[] = [];
  readonly lines: string[] = [];
  tally: Tally | undefined;
  /** Most records that were written without a pause. */
  mostAtOnce = 0;
  private sinceDrain = 0;

  /** @param enough number of records after which the output is closed */
  constructor(private readonly enough = Number.POSITIVE_INFINITY) {}

  get closed(): boolean {
    return this.records.length >= this.enough;
  }

  write(record: LogRecord, line: Buffer): void {
    this.records.push(record);
    this.lines.push(line.toString());
    this.sinceDrain += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.sinceDrain);
  }

  async drain(): Promise<void> {
    this.sinceDrain = 0;
  }

  async end(tally: Tally): Promise<void> {
    this.tally = tally;
  }
}
