import * as fs from "node:fs";
import * as path from "node:path";
import type { TimeRange } from "../select/time-range";
import type { ComparedRanges } from "./comparison";
import type { Span } from "./side";

/** What --compare names: two places, or two ranges of time of one trail. */
export type Compared = {
  /** The words of the command line, for people. */
  readonly names: Readonly<Record<"before" | "after", string>>;
} & (
  | { readonly paths: Readonly<Record<"before" | "after", string>>; readonly ranges?: undefined }
  | { readonly ranges: ComparedRanges; readonly paths?: undefined }
);

export interface ComparedContext {
  /** Reads both ends of a range; an end that isn't a time is undefined. */
  readonly parseRange: (since: string, until: string) => TimeRange;
  readonly now: Date;
  /** Relative paths start here. */
  readonly folder: string;
  readonly report: (problem: string) => void;
}

const DAY = /^(?:today|yesterday|\d{4}-\d{2}-\d{2})$/;
const RANGE = /^(.+?)\.\.(.+)$/;
const FORMS =
  "a day (2026-11-21, yesterday, today), a range of time (2026-11-21T08:00..2026-11-21T12:00, 2d..1d)";

/**
 * Reads the two words after --compare. A word that is a day or a range of time is never a path: a folder with such a
 * name is `./2026-11-21`.
 * @returns undefined after a problem was reported
 */
export function readCompared(
  words: readonly string[],
  context: ComparedContext,
): Compared | undefined {
  const { report } = context;
  const [before, after] = words;
  if (before === undefined || after === undefined) {
    report(`--compare takes two words: two files or folders, or ${FORMS}, twice.`);
    return undefined;
  }
  if (before === after) {
    report(`--compare ${before} ${after} compares a thing with itself; give two.`);
    return undefined;
  }
  const names = { before, after };
  const ranges = { before: rangeOf(before, context), after: rangeOf(after, context) };
  if (ranges.before && ranges.after) {
    const checked = {
      before: checkedRange(before, ranges.before, context),
      after: checkedRange(after, ranges.after, context),
    };
    return checked.before && checked.after
      ? { names, ranges: { before: checked.before, after: checked.after } }
      : undefined;
  }
  if (ranges.before || ranges.after) {
    const [time, other] = ranges.before ? [before, after] : [after, before];
    report(
      `--compare compares two days or ranges of time, or two files or folders; "${time}" is a time, "${other}" isn't.` +
        ` If "${time}" is a folder, write ./${time}.`,
    );
    return undefined;
  }
  return placesOf(names, context);
}

function placesOf(names: Compared["names"], { folder, report }: ComparedContext) {
  const resolve = (word: string) => (word === "-" ? word : path.resolve(folder, word));
  const paths = { before: resolve(names.before), after: resolve(names.after) };
  for (const [side, name] of Object.entries(names)) {
    if (name === "-" || fs.existsSync(paths[side as "before" | "after"])) continue;
    report(`--compare: "${name}" is neither ${FORMS}, nor a file or folder.`);
    return undefined;
  }
  return { names, paths };
}

/** Undefined if the word names no time. */
function rangeOf(word: string, { parseRange }: ComparedContext): TimeRange | undefined {
  if (DAY.test(word)) return parseRange(word, endOfDay(word));
  const [, from, to] = RANGE.exec(word) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const range = parseRange(from, to);
  return range.since || range.until ? range : undefined;
}

/** The end of a day as a time that --until takes. */
function endOfDay(day: string): string {
  if (day === "today") return "now";
  if (day === "yesterday") return "today";
  const next = new Date(`${day}T00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return Number.isNaN(next.getTime()) ? day : next.toISOString().slice(0, day.length);
}

/** The part of the range until now: later, nothing can have happened. */
function checkedRange(
  word: string,
  { since, until }: TimeRange,
  { now, report }: ComparedContext,
): Span | undefined {
  if (!since || !until) {
    report(`--compare: "${word}" isn't ${FORMS}.`);
    return undefined;
  }
  const end = until < now ? until : now;
  if (since < end) return { since, until: end };
  report(
    since < until
      ? `--compare: "${word}" begins at ${since.toISOString()}, after now.`
      : `--compare: "${word}" doesn't begin before its end.`,
  );
  return undefined;
}
