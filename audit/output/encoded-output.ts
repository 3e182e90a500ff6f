import type { Writable } from "node:stream";
import { FIELDS, type FieldName, type LogRecord } from "../record";
import { csvLine } from "./csv-line";
import type { EncodedFormat, OutputShare, RecordOutput } from "./record-output";
import { StreamWriter } from "./stream-writer";

/** Encodes records one by one; it has no state. */
export interface RecordEncoder {
  /** Written before the first record, with its line end; may be empty. */
  readonly header: string;
  /** One record with its line end. */
  encode(record: LogRecord, line: Buffer): string;
}

const NAMES = Object.keys(FIELDS) as FieldName[];

/** One JSON object per line (NDJSON) with every field in its order. */
const json: RecordEncoder = {
  header: "",
  encode: (record) => `${JSON.stringify(record)}\n`,
};

/** RFC 4180 with a header. */
const csv: RecordEncoder = {
  header: csvLine(NAMES),
  encode: (record) => csvLine(NAMES.map((name) => record[name])),
};

/** The line as it is in its file. */
const raw: RecordEncoder = {
  header: "",
  encode: (_record, line) => `${line.toString()}\n`,
};

export const ENCODERS: Readonly<Record<EncodedFormat, RecordEncoder>> = { json, csv, raw };

/** Writes records to a stream in a format that encodes each record separately; threads may encode for it. */
export class EncodedOutput implements RecordOutput {
  readonly share: OutputShare;
  private readonly encoder: RecordEncoder;
  private readonly writer: StreamWriter;

  /** @param stream isn't ended: standard output stays open */
  constructor(format: EncodedFormat, stream: Writable) {
    this.encoder = ENCODERS[format];
    this.writer = new StreamWriter(stream);
    this.writer.write(this.encoder.header);
    this.share = {
      kind: "encoded",
      format,
      writeEncoded: (bytes) => this.writer.writeBytes(bytes),
    };
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(record: LogRecord, line: Buffer): void {
    this.writer.write(this.encoder.encode(record, line));
  }

  /** @throws the stream's error, such as a full disk */
  async drain(): Promise<void> {
    await this.writer.drain();
  }

  async end(): Promise<void> {
    await this.writer.drain();
  }
}
