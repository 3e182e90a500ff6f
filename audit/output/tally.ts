import { type Tally } from "./record-output";
import { type BrokenLine } from "../record";
import { oneLine } from "./terminal-text";

/** Broken lines that are shown one by one. */
const BROKEN_LINES_SHOWN = 10;

/** What was read, and what isn't shown and why, for people: a line each. */
export function tallyLines(tally: Tally): string[] {
  const { shown, filtered, system, broken } = tally;
  const counts = [
    plural(shown, "record"),
    ...(filtered > 0 ? [`${formatCount(filtered)} left out by the filters`] : []),
    ...(system > 0
      ? [`${formatCount(system)} of Azure's own sessions hidden (--system shows them)`]
      : []),
    ...(broken > 0 ? [`${plural(broken, "broken line")}:`] : []),
  ];
  const shownLines = tally.brokenLines.slice(0, BROKEN_LINES_SHOWN);
  const more = broken - shownLines.length;
  return [
    counts.join("; "),
    ...shownLines.map(brokenLine),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
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
