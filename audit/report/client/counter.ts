import {
  CATEGORIES,
  type Category,
  type ReportData,
  type TimelineData,
  TOP_GROUPS,
  type TopGroup,
  topValues,
  type TopValues,
} from "../report-data";
import { barNumber, barsBetween } from "../time-bars";
import type { Choice } from "./choice";
import type { Found } from "./finder";
import type { Dictionary, Rows } from "./rows";

/** What the charts show. */
export interface Counts {
  readonly timeline: TimelineData;
  readonly top: Readonly<Record<TopGroup, TopValues>>;
  /** Records by class that match all other filters. */
  readonly categories: ReadonlyMap<Category, number>;
}

/** Counts found rows as the command counted all records. */
export class Counter {
  /** Of each row, in seconds since 1970. */
  private seconds: Float64Array | undefined;

  constructor(
    private readonly rows: Rows,
    private readonly data: Pick<ReportData, "timeline" | "top">,
  ) {}

  /** The counts of all records, also of those that aren't in the table. */
  whole(): Counts {
    const { timeline, top } = this.data;
    const totals = timeline.series.map(({ category, counts }) => [category, sum(counts)] as const);
    return { timeline, top, categories: new Map(totals) };
  }

  count({ rows, categories }: Found, { span }: Choice): Counts {
    const tops = (Object.keys(TOP_GROUPS) as TopGroup[]).map((group) => {
      return [group, countValues(this.rows.dictionary(TOP_GROUPS[group]), rows)] as const;
    });
    const top = Object.fromEntries(tops) as Counts["top"];
    return { timeline: this.countTimes(rows, span), top, categories };
  }

  /** The axis is that of the chosen span, or of all records. */
  private countTimes(rows: Uint32Array, span: Choice["span"]): TimelineData {
    const { starts, end, stepSeconds } = this.data.timeline;
    const whole = { from: starts[0] ?? "", to: end };
    const first = secondsOf(later(span?.from, whole.from));
    const last = Math.max(first, Math.ceil(secondsOf(earlier(span?.to, whole.to))) - 1);
    const bars = barsBetween(Math.floor(first), last, span ? undefined : stepSeconds);
    const firstBar = barNumber(Math.floor(first), bars.stepSeconds);
    const counts = new Map<Category, number[]>();
    const seconds = (this.seconds ??= this.allSeconds());
    for (const row of rows) {
      const category = this.rows.category(row);
      let bar = counts.get(category);
      if (!bar) counts.set(category, (bar = bars.starts.map(() => 0)));
      const number = barNumber(seconds[row] ?? 0, bars.stepSeconds) - firstBar;
      bar[number] = (bar[number] ?? 0) + 1;
    }
    const series = CATEGORIES.flatMap((category) => {
      const found = counts.get(category);
      return found ? [{ category, counts: found }] : [];
    });
    return { ...bars, series };
  }

  private allSeconds(): Float64Array {
    return Float64Array.from({ length: this.rows.length }, (_, row) =>
      Math.floor(secondsOf(this.rows.value("time", row))),
    );
  }
}

function countValues({ values, indexes }: Dictionary, rows: Uint32Array): TopValues {
  const counts = new Uint32Array(values.length);
  for (const row of rows) {
    const index = indexes[row] ?? 0;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const found = values.map((value, index) => ({
    value: value === null ? null : String(value),
    records: counts[index] ?? 0,
  }));
  return topValues(found.filter(({ records }) => records > 0));
}

export function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

function secondsOf(time: string): number {
  return Date.parse(time) / 1000;
}

export function later(time: string | undefined, other: string): string {
  return time !== undefined && time > other ? time : other;
}

export function earlier(time: string | undefined, other: string): string {
  return time !== undefined && time < other ? time : other;
}
