import type { TimeZone } from "../time-zone";

/** The span of time that is asked for. */
export interface TimeRange {
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
  /** While following: begin with all that is there, as `since` is undefined. @default false */
  readonly all?: boolean;
}

/** The forms of a time, for messages. */
export const TIME_FORMS =
  "90s, 5m, 2h, 1d or 2w before now, now, today, yesterday, 10:00, or ISO 8601 (2026-11-22T15:30)";

/** Milliseconds of the units of a relative time. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DAY_MILLISECONDS = 86_400_000;

const RELATIVE = /^(\d+(?:\.\d+)?)([smhdw])$/;
const CLOCK = String.raw`\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?`;
const CLOCK_ONLY = new RegExp(`^${CLOCK}$`);
const DAY_AND_CLOCK = new RegExp(
  String.raw`^(today|yesterday|\d{4}-\d{2}-\d{2})(?:[T ](${CLOCK})(Z|[+-]\d{2}:?\d{2})?)?$`,
);

/** Reads the times of --since and --until. */
export class TimeParser {
  /** Whether a time was in the parser's zone, because it named none. */
  usedZone = false;

  /** @param zone of times without a zone */
  constructor(
    private readonly now: Date,
    private readonly zone: TimeZone,
  ) {}

  /**
   * Reads both ends. Of an hour that occurs twice, because clocks are set back, the range contains both.
   * @returns undefined for an end that isn't a time
   */
  range(since: string | undefined, until: string | undefined): TimeRange {
    const start = since === undefined ? undefined : this.time(since, "earlier");
    const isSpanOfClock = CLOCK_ONLY.test(since ?? "") && CLOCK_ONLY.test(until ?? "");
    if (start && until !== undefined && isSpanOfClock) {
      return { since: start, until: this.clockAfter(until, start) };
    }
    return { since: start, until: until === undefined ? undefined : this.time(until, "later") };
  }

  /** @param which of the two times that a repeated hour's time is; a day always begins at the earlier one */
  private time(text: string, which: "earlier" | "later"): Date | undefined {
    const { now } = this;
    if (text === "now") return now;
    const [, amount, unit] = RELATIVE.exec(text) ?? [];
    if (amount !== undefined && unit !== undefined) {
      return new Date(now.getTime() - Number(amount) * (UNITS[unit] ?? 0));
    }
    if (CLOCK_ONLY.test(text)) return this.latestClock(text, which);
    const [, word, clock, zone] = DAY_AND_CLOCK.exec(text) ?? [];
    if (word === undefined) return undefined;
    const day = this.dayOf(word);
    if (!isDay(day)) return undefined;
    if (zone === undefined) {
      return this.atZone(`${day}T${clock ?? "00:00"}`, clock === undefined ? "earlier" : which);
    }
    const time = new Date(`${day}T${clock}${zone}`);
    return Number.isNaN(time.getTime()) ? undefined : time;
  }

  /** The latest such time of day that isn't after now. */
  private latestClock(clock: string, which: "earlier" | "later"): Date | undefined {
    const today = this.atZone(`${this.dayOf("today")}T${clock}`, which);
    return today && today > this.now
      ? this.atZone(`${this.dayOf("yesterday")}T${clock}`, which)
      : today;
  }

  /** The first such time of day after a time. */
  private clockAfter(clock: string, start: Date): Date | undefined {
    const day = this.zone.localTime(start.toISOString()).day;
    const sameDay = this.atZone(`${day}T${clock}`, "later");
    return sameDay && sameDay <= start
      ? this.atZone(`${addDays(day, 1)}T${clock}`, "later")
      : sameDay;
  }

  private dayOf(word: string): string {
    const today = this.zone.localTime(this.now.toISOString()).day;
    if (word === "today") return today;
    if (word === "yesterday") return addDays(today, -1);
    return word;
  }

  private atZone(wallClock: string, which: "earlier" | "later"): Date | undefined {
    const milliseconds = Date.parse(`${wallClock}Z`);
    if (Number.isNaN(milliseconds)) return undefined;
    this.usedZone = true;
    return new Date(this.zone.timeOf(milliseconds, which));
  }
}

/** Date.parse accepts the 30th of February as the 2nd of March. */
function isDay(day: string): boolean {
  return !Number.isNaN(Date.parse(`${day}T00:00Z`)) && addDays(day, 0) === day;
}

function addDays(day: string, days: number): string {
  const date = new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MILLISECONDS);
  return date.toISOString().slice(0, "2026-11-22".length);
}

/** @returns a test of records' times, undefined if every time is in the range */
export function rangeTest({ since, until }: TimeRange): ((time: string) => boolean) | undefined {
  if (!since && !until) return undefined;
  // ISO 8601 in UTC sorts as text; ":" sorts after all digits.
  const [from, to] = [since?.toISOString() ?? "", until?.toISOString() ?? ":"];
  return (time) => time >= from && time < to;
}
