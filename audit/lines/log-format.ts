/** What a file of the trail consists of: lines of JSON, or rows of PostgreSQL's csvlog. */
export type LogFormat = "json" | "csvlog";

/** How a row of csvlog begins. */
const ROW_START = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [\w+:-]+,/;

/**
 * A row of csvlog up to the first quoted column after those of the session. It can't be part of a quoted column, in
 * which every quote is doubled.
 */
const WHOLE_ROW_START = new RegExp(
  ROW_START.source +
    String.raw`(?:"[^"\n]*")?,(?:"[^"\n]*")?,\d*,(?:"[^"\n]*")?,[0-9a-f]+\.[0-9a-f]+,\d+,` +
    String.raw`(?:"[^"\n]*")?,[^",\n]*,[^",\n]*,\d*,[A-Z0-9]+,[0-9A-Z]{5},"(?:[^"]|"")`,
);
/** Longer than the beginning of any row: two names, a host, a command tag and numbers. */
const MAX_ROW_START = 2048;

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const OPENING_BRACE = 0x7b;

export const looksLikeCsvlog = (text: string): boolean =>
  text.charCodeAt(0) !== OPENING_BRACE && ROW_START.test(text);

/** @param start the first bytes of a file, with its first line if it has one */
export function logFormat(start: Buffer): LogFormat {
  return looksLikeCsvlog(start.toString("latin1", 0, MAX_ROW_START)) ? "csvlog" : "json";
}

/**
 * Finds the end of a csvlog row. Quoted columns may contain line ends; but a row that contains the beginning of another
 * one is incomplete, and ends there.
 * @param isFileEnd whether nothing follows these bytes
 * @returns the index of the line end; negative if the row continues after the bytes
 */
export function rowEnd(bytes: Buffer, from: number, isFileEnd = false): number {
  let end = bytes.indexOf(LINE_FEED, from);
  let quotes = countQuotes(bytes, from, end);
  while (end >= 0 && quotes % 2 === 1) {
    const next = end + 1;
    const isWhole = isFileEnd || bytes.length - next >= MAX_ROW_START;
    if (WHOLE_ROW_START.test(bytes.toString("latin1", next, next + MAX_ROW_START))) return end;
    // With the bytes that follow, these may become the beginning of a row.
    if (!isWhole && mayBeginRow(bytes[next])) return -1;
    end = bytes.indexOf(LINE_FEED, next);
    quotes += countQuotes(bytes, next, end);
  }
  return end;
}

/** A row begins with its year. */
const mayBeginRow = (byte: number | undefined): boolean =>
  byte === undefined || (byte >= 0x30 && byte <= 0x39);

function countQuotes(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE, from); at >= 0 && at < to; at = bytes.indexOf(QUOTE, at + 1)) {
    count += 1;
  }
  return count;
}
