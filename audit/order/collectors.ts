import { ENCODERS, type RecordEncoder } from "../output/encoded-output";
import type { RecordOutput } from "../output/record-output";
import type { LogRecord } from "../record";
import type { BatchContent } from "./batch";
import type { Collector } from "./chunk-stream";
import { EncodedPieces } from "./encoded-pieces";
import type { EncodedShare, EncodedWriter } from "./encoded-writer";

const NO_LINE = Buffer.alloc(0);

/** For outputs that write records themselves: keeps the records, and their lines if the output uses these. */
export class RecordCollector implements Collector {
  private records: LogRecord[] = [];
  private lines: Buffer[] = [];
  private readonly usesLines: boolean;

  constructor(private readonly output: RecordOutput) {
    this.usesLines = output.usesLines ?? true;
  }

  write(record: LogRecord, line: Buffer): void {
    this.records.push(record);
    if (this.usesLines) this.lines.push(Buffer.from(line));
  }

  take(): BatchContent {
    const { records, lines, output } = this;
    this.records = [];
    this.lines = [];
    return {
      write: (at) => output.write(records[at] as LogRecord, lines[at] ?? NO_LINE),
      release: () => undefined,
    };
  }
}

/** For formats that encode each record separately: keeps bytes, which cost less than records. */
export class EncodedCollector implements Collector {
  private readonly encoder: RecordEncoder;
  private readonly pieces = new EncodedPieces();

  constructor(
    { format }: EncodedShare,
    private readonly writer: EncodedWriter,
  ) {
    this.encoder = ENCODERS[format];
  }

  write(record: LogRecord, line: Buffer): void {
    this.pieces.write(this.encoder.encode(record, line));
  }

  take(): BatchContent {
    return this.writer.contentOf(this.pieces.take(), (memory) => this.pieces.addSpare(memory));
  }
}

/** Content of batches whose records were counted when they were read. */
export const COUNTED: BatchContent = { write: () => undefined, release: () => undefined };

/** For an output that no order changes, if no record is to be dropped. */
export class DirectCollector implements Collector {
  constructor(private readonly output: RecordOutput) {}

  write(record: LogRecord, line: Buffer): void {
    this.output.write(record, line);
  }

  take(): BatchContent {
    return COUNTED;
  }
}
