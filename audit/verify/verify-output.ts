import type { DecoderOptions } from "../decode/decoder";
import type { RecordOutput } from "../output/record-output";
import { StreamWriter, type TerminalStream } from "../output/stream-writer";
import type { BrokenLine, LogRecord } from "../record";
import { TimeZone } from "../time-zone";
import { reportText } from "./report-text";
import { TrailCheck } from "./trail-check";

export interface VerifyOptions {
  readonly format: "table" | "json";
  readonly stream: TerminalStream;
  /** Of the table's times, as an IANA name; JSON is in UTC. @default UTC */
  readonly timeZone?: string;
  /** As for the lines themselves. */
  readonly decoder: DecoderOptions;
  /** Ctrl-C: a report of a part would be misleading. */
  readonly signal: AbortSignal;
}

/** Writes at the end whether the trail is complete. */
export class VerifyOutput implements RecordOutput {
  /** Whether something is missing, or may be missing, that nothing explains. */
  isDoubtful = false;
  private readonly check: TrailCheck;
  private readonly writer: StreamWriter;

  constructor(private readonly options: VerifyOptions) {
    this.check = new TrailCheck(options.decoder);
    this.writer = new StreamWriter(options.stream);
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(record: LogRecord, line: Buffer): void {
    this.check.add(record, line);
  }

  writeBroken(line: BrokenLine, bytes: Buffer | undefined): void {
    this.check.addBroken(line, bytes);
  }

  async drain(): Promise<void> {
    await this.writer.drain();
  }

  async end(): Promise<void> {
    if (this.options.signal.aborted) return;
    const report = this.check.report();
    this.isDoubtful = report.verdict !== "complete";
    const { format, timeZone = "UTC" } = this.options;
    const text =
      format === "json"
        ? `${JSON.stringify(report)}\n`
        : reportText(report, new TimeZone(timeZone));
    this.writer.write(text);
    await this.writer.finish();
  }
}
