import { fitToWidth, oneLine } from "../output/terminal-text";
import type { TimeZone } from "../time-zone";
import type { Notables } from "./notables";

const LEVEL_WIDTH = 13;
const TITLE_WIDTH = 48;

/** The rules with findings, as the first block of the summary's table. */
export function notableTable(notables: Notables, zone: TimeZone): string {
  const hits = notables.list();
  const width = Math.max(0, ...hits.map(({ count }) => String(count).length));
  const lines = hits.map(({ level, title, count, first, last }) => {
    const cells = [
      level.padEnd(LEVEL_WIDTH),
      fitToWidth(oneLine(title), TITLE_WIDTH),
      String(count).padStart(width),
      first === last ? minute(first, zone) : `${minute(first, zone)} to ${minute(last, zone)}`,
    ];
    return `  ${cells.join("  ")}\n`;
  });
  const nothing = `  no findings of ${notables.size} rules\n`;
  return `\nnotable\n${lines.length > 0 ? lines.join("") : nothing}`;
}

function minute(time: string, zone: TimeZone): string {
  const { day, time: clock } = zone.localTime(time);
  return `${day} ${clock.slice(0, "17:51".length)}`;
}
