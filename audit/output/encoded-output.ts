import type { Writable } from "node:stream";
import { FIELDS, type FieldName, type LogRecord } from "../record";
import type { EncodedFormat, OutputShare, RecordOutput } from "./record-output";
import { StreamWriter } from "./stream-writer";

/** Encodes records one by one; it has no state. */
export interface RecordEncoder {
  /** Written before the first record, with its line end; may be empty. */
  readonly header: string;
  /** One record with its line end. */
  encode(record: LogRecord, line: Buffer): string;
}

type CsvValue = string | number | readonly string[] | null;

const NAMES = Object.keys(FIELDS) as FieldName[];

/** One JSON object per line (NDJSON) with every field in its order. */
const json: RecordEncoder = {
  header: "",
  encode: (record) => `${JSON.stringify(record)}\n`,
};

/** RFC 4180 with a header; null is an empty field, an empty text is `""`, a list is JSON. */
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

/** A line of CSV with its line end. Source: RFC 4180. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(",")}\r\n`;
}

function csvField(value: CsvValue): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

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
