/**
 * What a file of the trail consists of: lines of JSON; objects of JSON that may have several lines, also in an array; or
 * rows of PostgreSQL's csvlog.
 */
export type LogFormat = "json" | "objects" | "csvlog";

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

/** An array of records, or a record whose members begin in the next line. */
const OBJECTS_START = /^(?:\[\s*(?:[{\]]|$)|\{[\t ]*\r?\n)/;
const TRAIL_START = /^(?:\[\s*)?\{\s*"/;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const OPENING_BRACE = 0x7b;

export const looksLikeCsvlog = (text: string): boolean =>
  text.charCodeAt(0) !== OPENING_BRACE && ROW_START.test(text);

/** @param start the first bytes of a file, with its first line if it has one */
export function logFormat(start: Buffer): LogFormat {
  const text = startText(start);
  if (looksLikeCsvlog(text)) return "csvlog";
  return OBJECTS_START.test(text) ? "objects" : "json";
}

/** Whether a file may be a trail, by its first bytes. */
export function looksLikeTrail(start: Buffer): boolean {
  const text = startText(start);
  return looksLikeCsvlog(text) || TRAIL_START.test(text);
}

/** Whether the first bytes of a file contain a line that isn't empty. */
export const hasLine = (start: Buffer): boolean => startText(start).includes("\n");

const startText = (start: Buffer): string =>
  start.toString("latin1", afterByteOrderMark(start), MAX_ROW_START).trimStart();

/** The length of the byte order mark with which the bytes begin, or 0. */
export function afterByteOrderMark(bytes: Buffer): number {
  const { length } = BYTE_ORDER_MARK;
  return bytes.subarray(0, length).equals(BYTE_ORDER_MARK) ? length : 0;
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
