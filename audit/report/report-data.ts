import type { Count } from "../output/summary";
import type { FieldName, LogRecord } from "../record";

/** The data of the page's script: compressed JSON in the page. */
export interface ReportData {
  /** Number of records in the charts. */
  readonly records: number;
  /** Number of records in the table: the newest. */
  readonly rows: number;
  readonly timeline: TimelineData;
  readonly top: Readonly<Record<TopGroup, TopValues>>;
  /** The rows, oldest first, field by field. */
  readonly columns: Readonly<Record<FieldName, Column>>;
}

/** Counts over time, without gaps; all times are ISO 8601 in UTC as in records. */
export interface TimelineData {
  readonly stepSeconds: number;
  /** Start of each bar. */
  readonly starts: readonly string[];
  /** End of the last bar. */
  readonly end: string;
  /** For each category that occurs, its records in each bar. */
  readonly series: readonly { readonly category: Category; readonly counts: readonly number[] }[];
}

/** The most frequent values. */
export interface TopValues {
  readonly shown: readonly Count[];
  /** Number of the other values, and of their records. */
  readonly otherValues: number;
  readonly otherRecords: number;
}

/** The ranked groups and their fields. */
export const TOP_GROUPS = {
  user: "user_name",
  object: "object_name",
  command: "command",
} as const satisfies Readonly<Record<string, FieldName>>;
export type TopGroup = keyof typeof TOP_GROUPS;

export type Value = LogRecord[FieldName];

/** A field of all rows: the values, or, if they repeat, each value once and its index for each row. */
export type Column =
  | { readonly values: readonly Value[] }
  | { readonly dictionary: readonly Value[]; readonly indexes: readonly number[] };

/** Id of the element with the data. */
export const DATA_ELEMENT = "report-data";

/** pgAudit's classes, and the kinds of other lines; each has a colour. */
export const CATEGORIES = [
  ...["READ", "WRITE", "FUNCTION", "DDL", "ROLE", "MISC", "MISC_SET"],
  ...["error", "connection", "statement", "log", "other"],
] as const;
export type Category = (typeof CATEGORIES)[number];

/** An unknown class is `other`. */
export function categoryOf(record: Pick<LogRecord, "class" | "kind">): Category {
  const name = record.class ?? record.kind;
  return CATEGORIES.find((category) => category === name) ?? "other";
}
