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
const [FIRST_NAME, ...OTHER_NAMES] = NAMES as [FieldName, ...FieldName[]];

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

/**
 * The quote of `rows`: because hardly any text contains this control character, texts are quoted without a search for
 * the characters that need it.
 */
export const ROWS_QUOTE = "\u0001";

/** CSV for DuckDB's reader: every text is quoted, null is an empty field, a list is JSON. */
const rows: RecordEncoder = {
  header: "",
  encode: (record) => {
    let text = rowsField(record[FIRST_NAME]);
    for (const name of OTHER_NAMES) text += `,${rowsField(record[name])}`;
    return `${text}\n`;
  },
};

export const ENCODERS: Readonly<Record<EncodedFormat, RecordEncoder>> = { json, csv, raw, rows };

function rowsField(value: LogRecord[FieldName]): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : listAsJson(value);
  const quoted = text.includes(ROWS_QUOTE)
    ? text.replaceAll(ROWS_QUOTE, ROWS_QUOTE.repeat(2))
    : text;
  return ROWS_QUOTE + quoted + ROWS_QUOTE;
}

/** JSON.stringify writes half of a surrogate pair as an escape, which DuckDB refuses; as UTF-8 it becomes U+FFFD. */
function listAsJson(values: readonly string[]): string {
  return JSON.stringify(values.map((value) => Buffer.from(value).toString()));
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

  async drain(): Promise<void> {
    await this.writer.drain();
  }

  async end(): Promise<void> {
    await this.writer.finish();
  }
}
