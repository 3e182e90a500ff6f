import { type Draft } from "./draft";
import { type MessageReader } from "./message";
import { timeProblem, type Timestamps } from "./time";

/** What a file of the trail is made of. */
export type LogFormat = "json" | "csvlog";

/** How a row of csvlog begins. */
const ROW_START = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [\w+:-]+,/;

/**
 * A row of csvlog up to and with its first quoted column after the session's: in a quoted column every quote is
 * doubled, so this can't stand in one.
 */
const WHOLE_ROW_START = new RegExp(
  ROW_START.source +
    String.raw`(?:"[^"\n]*")?,(?:"[^"\n]*")?,\d*,(?:"[^"\n]*")?,[0-9a-f]+\.[0-9a-f]+,\d+,` +
    String.raw`(?:"[^"\n]*")?,[^",\n]*,[^",\n]*,\d*,[A-Z0-9]+,[0-9A-Z]{5},"(?:[^"]|"")`,
);
/** Longer than any row's beginning: two names, a host, a command tag and numbers. */
const MAX_ROW_START = 2048;

const QUOTE = 0x22;
const LINE_END = 0x0a;
const OPENING_BRACE = 0x7b;

/** Columns of PostgreSQL 15's csvlog, by their place. Source: "Using CSV-Format Log Output", table of columns. */
const COLUMN = {
  time: 0,
  user: 1,
  database: 2,
  processId: 3,
  connectionFrom: 4,
  sessionId: 5,
  sessionLineNum: 6,
  severity: 11,
  sqlState: 12,
  message: 13,
  detail: 14,
  context: 18,
  query: 19,
  applicationName: 22,
  backendType: 23,
} as const;
/** 23 in PostgreSQL 12 and older, 24 in 13, 26 since 14. */
const COLUMN_COUNTS: ReadonlySet<number> = new Set([23, 24, 26]);

export const looksLikeCsvlog = (text: string): boolean =>
  text.charCodeAt(0) !== OPENING_BRACE && ROW_START.test(text);

/** @param start the first bytes of a file, a line at least if it has one */
export function logFormat(start: Buffer): LogFormat {
  return looksLikeCsvlog(start.toString("latin1", 0, MAX_ROW_START)) ? "csvlog" : "json";
}

/**
 * Where the record ends that begins at `from`: its line end, since a record of JSON is one line, while a row of csvlog
 * can have line ends between its quotes. A row that another begins inside of wasn't written to its end; it ends there.
 * @param isFileEnd nothing comes after these bytes
 * @returns the index of the line end; negative if the record goes on beyond the bytes
 */
export function recordEnd(
  bytes: Buffer,
  from: number,
  format: LogFormat,
  isFileEnd = false,
): number {
  let end = bytes.indexOf(LINE_END, from);
  if (format === "json") return end;
  let quotes = countQuotes(bytes, from, end);
  while (end >= 0 && quotes % 2 === 1) {
    const next = end + 1;
    const isWhole = isFileEnd || bytes.length - next >= MAX_ROW_START;
    if (WHOLE_ROW_START.test(bytes.toString("latin1", next, next + MAX_ROW_START))) return end;
    // The bytes that are still to come may make a row's beginning of these.
    if (!isWhole && mayBeginRow(bytes[next])) return -1;
    end = bytes.indexOf(LINE_END, next);
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

/** @returns what is wrong with the row, or undefined */
export function readCsvlog(
  row: string,
  times: Timestamps,
  messages: MessageReader,
  draft: Draft,
): string | undefined {
  const columns = splitRow(row);
  if (typeof columns === "number") {
    return `its column ${columns} isn't closed, or goes on after its closing quote: the row wasn't written to its end`;
  }
  if (!COLUMN_COUNTS.has(columns.length)) {
    return `it has ${columns.length} columns, where csvlog has 23, 24 or 26: the row wasn't written to its end`;
  }
  const text = (column: number): string | null => columns[column] || null;
  const timestamp = columns[COLUMN.time] ?? "";
  const time = times.fromPostgres(timestamp);
  if (time === undefined) return timeProblem(timestamp);
  draft.time = time;
  draft.user_name = text(COLUMN.user);
  draft.database_name = text(COLUMN.database);
  draft.application_name = text(COLUMN.applicationName);
  takeConnection(text(COLUMN.connectionFrom), draft);
  draft.process_id = integer(text(COLUMN.processId));
  draft.session_id = text(COLUMN.sessionId);
  draft.session_line_num = integer(text(COLUMN.sessionLineNum));
  draft.backend_type = text(COLUMN.backendType);
  draft.error_severity = text(COLUMN.severity);
  draft.sql_state_code = text(COLUMN.sqlState);
  draft.detail = text(COLUMN.detail);
  draft.statement = text(COLUMN.query);
  const isPlain = text(COLUMN.context) === null && draft.statement === null;
  return messages.read(columns[COLUMN.message] ?? "", 0, isPlain, draft);
}

/** `10.0.0.4:51234`, `[local]`, an IPv6 address with colons of its own. */
function takeConnection(value: string | null, draft: Draft): void {
  const [, host, port] = /^(.*):(\d+)$/.exec(value ?? "") ?? [undefined, value];
  draft.client = host ?? null;
  if (port !== undefined) draft.client_port = Number(port);
}

const integer = (text: string | null): number | null =>
  text === null || !/^\d+$/.test(text) ? null : Number(text);

/** The columns of a row; the number of the column where it is malformed, from 1. */
function splitRow(row: string): string[] | number {
  const columns: string[] = [];
  let start = 0;
  for (;;) {
    let end: number;
    if (row.charCodeAt(start) === QUOTE) {
      end = row.indexOf('"', start + 1);
      while (end >= 0 && row.charCodeAt(end + 1) === QUOTE) end = row.indexOf('"', end + 2);
      if (end < 0) return columns.length + 1;
      columns.push(row.slice(start + 1, end).replaceAll('""', '"'));
      end += 1;
      if (end !== row.length && row[end] !== ",") return columns.length;
    } else {
      const comma = row.indexOf(",", start);
      end = comma < 0 ? row.length : comma;
      columns.push(row.slice(start, end));
    }
    if (end === row.length) return columns;
    start = end + 1;
  }
}
