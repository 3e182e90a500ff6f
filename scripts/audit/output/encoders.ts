import { EncodedFormat, RecordEncoder } from "../output";
import { FIELDS, FieldName, LogRecord } from "../record";

const NAMES = Object.keys(FIELDS) as FieldName[];

/** One JSON object a line (NDJSON), every field in its order. */
const json: RecordEncoder = {
  header: "",
  encode: (record) => `${JSON.stringify(record)}\n`,
};

/** RFC 4180 with a header; null is an empty field, an empty text is `""`, a list is JSON. */
const csv: RecordEncoder = {
  header: `${NAMES.join(",")}\r\n`,
  encode: (record) => `${NAMES.map((name) => csvField(record[name])).join(",")}\r\n`,
};

/** The line as it stands in its file. */
const raw: RecordEncoder = {
  header: "",
  encode: (_record, line) => `${line.toString()}\n`,
};

function csvField(value: LogRecord[FieldName]): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const ENCODERS: Readonly<Record<EncodedFormat, RecordEncoder>> = { json, csv, raw };

export function encoderOf(format: EncodedFormat): RecordEncoder {
  return ENCODERS[format];
}
