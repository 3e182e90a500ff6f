import { compareText } from "../../common/compare-text";
import type { Level } from "../rules/finding";
import type { Count } from "../output/summary";
import type { FieldName, LogRecord } from "../record";
import type { TimeBars } from "./time-bars";

/** The data of the page's script: compressed JSON in the page. */
export interface ReportData {
  /** Number of records in the report. */
  readonly records: number;
  /** Number of records in the table: the newest. */
  readonly rows: number;
  /** Counts of all records. The page's script counts again for each filter, in the records of the table. */
  readonly timeline: TimelineData;
  readonly top: Readonly<Record<TopGroup, TopValues>>;
  /** Empty if no rules were applied. */
  readonly notable: readonly NotableRule[];
  /** The rows, oldest first, field by field. */
  readonly columns: Readonly<Record<FieldName, Column>>;
}

/** Counts over time. */
export interface TimelineData extends TimeBars {
  /** For each category that occurs, its records in each bar. */
  readonly series: readonly { readonly category: Category; readonly counts: readonly number[] }[];
}

/** A rule with findings, for the head of the page. */
export interface NotableRule {
  /** Unique in the page; part of its address. */
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  /** Number of findings: records, or bursts of them. */
  readonly count: number;
  /** Times of the oldest and the newest record. */
  readonly first: string;
  readonly last: string;
  /** Findings whose record is older than the table. */
  readonly older: number;
  /** Descriptions of bursts. */
  readonly notes: readonly string[];
  /** Its records in the table, as indexes of rows in ascending order. */
  readonly rows: readonly number[];
}

/** The most frequent values, at most `LISTED_VALUES`. */
export interface TopValues {
  readonly shown: readonly Count[];
  /** Number of the other values, and of their records. */
  readonly otherValues: number;
  readonly otherRecords: number;
}

/** So many values can be opened. */
const LISTED_VALUES = 1000;

/** @param counts in any order; records without a value aren't listed */
export function topValues(counts: readonly Count[]): TopValues {
  const sorted = counts
    .filter(({ value }) => value !== null)
    .sort((a, b) => b.records - a.records || compareText(a.value ?? "", b.value ?? ""));
  const others = sorted.slice(LISTED_VALUES);
  return {
    shown: sorted.slice(0, LISTED_VALUES),
    otherValues: others.length,
    otherRecords: others.reduce((sum, { records }) => sum + records, 0),
  };
}

/** The ranked groups and their fields. */
export const TOP_GROUPS = {
  user: "user_name",
  object: "object_name",
  command: "command",
  database: "database_name",
  server: "server",
} as const satisfies Readonly<Record<string, FieldName>>;
export type TopGroup = keyof typeof TOP_GROUPS;

export type Value = LogRecord[FieldName];

/** A field of all rows: the values, or, if they repeat, each value once and its index for each row. */
export type Column =
  | { readonly values: readonly Value[] }
  | { readonly dictionary: readonly Value[]; readonly indexes: readonly number[] };

/** Id of the element with the data. */
export const DATA_ELEMENT = "report-data";

/** pgAudit's classes, the kinds of other lines, and what is ambiguous; each has a colour. */
export const CATEGORIES = [
  ...["READ", "WRITE", "FUNCTION", "DDL", "ROLE", "MISC", "MISC_SET"],
  ...["error", "connection", "statement", "log", "other", "ambiguous"],
] as const;
export type Category = (typeof CATEGORIES)[number];

/** An unknown class is `other`. Ambiguous records aren't counted as anything else, so that charts show them. */
export function categoryOf(record: Pick<LogRecord, "class" | "kind" | "ambiguous">): Category {
  return record.ambiguous === null ? certainCategoryOf(record) : "ambiguous";
}

/** The category apart from ambiguity. */
export function certainCategoryOf(record: Pick<LogRecord, "class" | "kind">): Category {
  const name = record.class ?? record.kind;
  return CATEGORIES.find((category) => category === name) ?? "other";
}
