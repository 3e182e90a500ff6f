import { type EncodedFormat, type RecordEncoder } from "./record-output";
import { FIELDS, type FieldName } from "../record";

type CsvValue = string | number | readonly string[] | null;

const NAMES = Object.keys(FIELDS) as FieldName[];

/** One JSON object a line (NDJSON), every field in its order. */
const json: RecordEncoder = {
  header: "",
  encode: (record) => `${JSON.stringify(record)}\n`,
};

/** RFC 4180 with a header; null is an empty field, an empty text is `""`, a list is JSON. */
const csv: RecordEncoder = {
  header: csvLine(NAMES),
  encode: (record) => csvLine(NAMES.map((name) => record[name])),
};

/** The line as it stands in its file. */
const raw: RecordEncoder = {
  header: "",
  encode: (_record, line) => `${line.toString()}\n`,
};

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

const ENCODERS: Readonly<Record<EncodedFormat, RecordEncoder>> = { json, csv, raw };

export function encoderOf(format: EncodedFormat): RecordEncoder {
  return ENCODERS[format];
}
