import { type FieldName, type LogRecord } from "../record";
import { type Count } from "../output/summary";

/** What the page gets to know, besides what stands in its markup: compressed JSON within the page. */
export interface ReportData {
  /** Records that the charts count. */
  readonly records: number;
  /** Records that the table holds: the newest. */
  readonly rows: number;
  readonly timeline: TimelineData;
  readonly top: Readonly<Record<TopGroup, TopValues>>;
  /** The rows, oldest first, field by field. */
  readonly columns: Readonly<Record<FieldName, Column>>;
}

/** Counts over time, gapless; all times are ISO 8601 in UTC as in records. */
export interface TimelineData {
  readonly stepSeconds: number;
  /** Start of each bar. */
  readonly starts: readonly string[];
  /** End of the last bar. */
  readonly end: string;
  /** For each category that occurs, its records in each bar. */
  readonly series: readonly { readonly category: Category; readonly counts: readonly number[] }[];
}

/** The values that occur most, null for records without one. */
export interface TopValues {
  readonly shown: readonly Count[];
  /** Values that aren't among them, and their records. */
  readonly otherValues: number;
  readonly otherRecords: number;
}

/** What is ranked, and the field that it is. */
export const TOP_GROUPS = {
  user: "user_name",
  object: "object_name",
  command: "command",
} as const satisfies Readonly<Record<string, FieldName>>;
export type TopGroup = keyof typeof TOP_GROUPS;

export type Value = LogRecord[FieldName];

/** A field of all rows: the values themselves, or, where they repeat, each once and its number in each row. */
export type Column =
  | { readonly values: readonly Value[] }
  | { readonly dictionary: readonly Value[]; readonly indexes: readonly number[] };

/** Id of the element that holds the data. */
export const DATA_ELEMENT = "report-data";

/** pgAudit's classes, and the kinds of what isn't pgAudit's: what is drawn in one colour. */
export const CATEGORIES = [
  ...["READ", "WRITE", "FUNCTION", "DDL", "ROLE", "MISC", "MISC_SET"],
  ...["error", "connection", "statement", "log", "other"],
] as const;
export type Category = (typeof CATEGORIES)[number];

/** A class that pgAudit doesn't know today is `other`. */
export function categoryOf(record: Pick<LogRecord, "class" | "kind">): Category {
  const name = record.class ?? record.kind;
  return CATEGORIES.find((category) => category === name) ?? "other";
}
