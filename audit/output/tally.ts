import type { BrokenLine } from "../record";
import { oneLine } from "./terminal-text";

/** What was read, and what happened to it. Each record of the time range and each broken line is counted once. */
export interface Tally {
  /** Records in the output. */
  shown: number;
  /** Records of the time range that a filter left out. */
  filtered: number;
  /** Records of Azure's own sessions that --system would show. */
  system: number;
  /** Of `shown`, those of which a misleading name leaves something uncertain. */
  ambiguous: number;
  /** Records that were delivered before, and that --unique dropped. */
  repeated: number;
  /** Lines that couldn't be decoded. */
  broken: number;
  /** Files that couldn't be read, or not to their end. */
  unreadable: number;
  /** The first broken lines, at most `BROKEN_LINES_KEPT`. */
  readonly brokenLines: BrokenLine[];
  /** Whether the reading ended before the end of the trail: after Ctrl-C, or when nobody reads the output any more. */
  stoppedEarly: boolean;
}

const BROKEN_LINES_KEPT = 100;
const BROKEN_LINES_SHOWN = 10;

export function newTally(): Tally {
  return {
    ...{ shown: 0, filtered: 0, system: 0, ambiguous: 0, repeated: 0 },
    ...{ broken: 0, unreadable: 0, brokenLines: [], stoppedEarly: false },
  };
}

/** Adds the tally of a part to that of the whole. */
export function addTally(whole: Tally, part: Tally): void {
  whole.shown += part.shown;
  whole.filtered += part.filtered;
  whole.system += part.system;
  whole.ambiguous += part.ambiguous;
  whole.repeated += part.repeated;
  whole.broken += part.broken;
  whole.unreadable += part.unreadable;
  whole.stoppedEarly ||= part.stoppedEarly;
  for (const line of part.brokenLines) keepBrokenLine(whole, line);
}

export function keepBrokenLine(tally: Tally, line: BrokenLine): void {
  if (tally.brokenLines.length < BROKEN_LINES_KEPT) tally.brokenLines.push(line);
}

/** The tally for people, as lines of text. */
export function tallyLines(tally: Tally): string[] {
  const { shown, filtered, system, ambiguous, repeated, broken, unreadable, stoppedEarly } = tally;
  const counts = [
    plural(shown, "record") +
      (ambiguous > 0 ? `, ${formatCount(ambiguous)} of them ambiguous` : ""),
    ...(filtered > 0 ? [`${formatCount(filtered)} left out by the filters`] : []),
    ...(system > 0
      ? [`${formatCount(system)} of Azure's own sessions hidden (--system shows them)`]
      : []),
    ...(repeated > 0 ? [`${formatCount(repeated)} repeated ones dropped`] : []),
    ...(unreadable > 0 ? [`${plural(unreadable, "file")} not or not fully read`] : []),
    ...(broken > 0 ? [`${plural(broken, "broken line")}:`] : []),
  ];
  const shownLines = tally.brokenLines.slice(0, BROKEN_LINES_SHOWN);
  const more = broken - shownLines.length;
  return [
    counts.join("; "),
    ...shownLines.map(brokenLine),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
    ...(stoppedEarly ? [`stopped early after ${plural(shown + filtered + system, "record")}`] : []),
  ];
}

/** A number for people: `1,234`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function brokenLine({ file, file_offset, length_bytes, reason }: BrokenLine): string {
  const place = `${file}, byte ${file_offset}, ${plural(length_bytes, "byte")}`;
  return `  ${oneLine(`${place}: ${reason}`)}`;
}
