const DAY = 24 * 3600;
/** Lengths of bars in seconds; each is a multiple of the previous one, so that bars can be joined. */
export const STEPS = [
  ...[1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600],
  ...[DAY, 7 * DAY, 28 * DAY, 364 * DAY, 3640 * DAY],
] as const;
export const MAX_BARS = 100;
/** Day 0 was a Thursday: weeks begin on Mondays. */
const MONDAY = 4 * DAY;

/** Bars over time without gaps; times are ISO 8601 in UTC as in records. */
export interface TimeBars {
  readonly stepSeconds: number;
  /** Start of each bar. */
  readonly starts: readonly string[];
  /** End of the last bar. */
  readonly end: string;
}

/** The number of the bar that contains a time, in seconds since 1970. */
export function barNumber(seconds: number, stepSeconds: number): number {
  return Math.floor((seconds - MONDAY) / stepSeconds);
}

/** When a bar starts, in seconds since 1970. */
export function barStart(number: number, stepSeconds: number): number {
  return number * stepSeconds + MONDAY;
}

/** The bars that contain the seconds `first` and `last`, by default as many of them as a chart may have. */
export function barsBetween(
  first: number,
  last: number,
  stepSeconds = shortestStep(first, last),
): TimeBars {
  const from = barNumber(first, stepSeconds);
  const length = barNumber(last, stepSeconds) - from + 1;
  const startOf = (number: number) => new Date(barStart(number, stepSeconds) * 1000).toISOString();
  return {
    stepSeconds,
    starts: Array.from({ length }, (_, index) => startOf(from + index)),
    end: startOf(from + length),
  };
}

function shortestStep(first: number, last: number): number {
  const fits = (step: number) => barNumber(last, step) - barNumber(first, step) < MAX_BARS;
  return STEPS.find(fits) ?? STEPS[STEPS.length - 1] ?? 1;
}
