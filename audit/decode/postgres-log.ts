import { splitCsv } from "./csv";
import type { Draft } from "./draft";
import type { MessageReader } from "./message";
import { timeProblem, type Timestamps } from "./time";

/** Columns of PostgreSQL 15's csvlog by position. Source: "Using CSV-Format Log Output", table of columns. */
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

/**
 * Reads a row of PostgreSQL's csvlog.
 * @returns what is wrong with the row, or undefined
 */
export function readCsvlog(
  row: string,
  times: Timestamps,
  messages: MessageReader,
  draft: Draft,
): string | undefined {
  const columns = splitCsv(row);
  if (typeof columns === "number") {
    return `its column ${columns} isn't closed, or has a quote in a wrong place: the row is incomplete`;
  }
  if (!COLUMN_COUNTS.has(columns.length)) {
    return `it has ${columns.length} columns, but csvlog has 23, 24 or 26: the row is incomplete`;
  }
  const column = (index: number): string | null => columns[index] || null;
  const timestamp = columns[COLUMN.time] ?? "";
  const time = times.fromPostgres(timestamp);
  if (time === undefined) return timeProblem(timestamp);
  draft.time = time;
  draft.user_name = column(COLUMN.user);
  draft.database_name = column(COLUMN.database);
  draft.application_name = column(COLUMN.applicationName);
  setClient(column(COLUMN.connectionFrom), draft);
  draft.process_id = digits(column(COLUMN.processId));
  draft.session_id = column(COLUMN.sessionId);
  draft.session_line_num = digits(column(COLUMN.sessionLineNum));
  draft.backend_type = column(COLUMN.backendType);
  draft.error_severity = column(COLUMN.severity);
  draft.sql_state_code = column(COLUMN.sqlState);
  draft.detail = column(COLUMN.detail);
  draft.statement = column(COLUMN.query);
  const canBeAudit = column(COLUMN.context) === null && draft.statement === null;
  return messages.read(columns[COLUMN.message] ?? "", 0, canBeAudit, draft);
}

/** `10.0.0.4:51234`, `[local]`, or an IPv6 address, which contains colons. */
function setClient(value: string | null, draft: Draft): void {
  const [, host, port] = /^(.*):(\d+)$/.exec(value ?? "") ?? [undefined, value];
  draft.client = host ?? null;
  if (port !== undefined) draft.client_port = Number(port);
}

const digits = (text: string | null): number | null =>
  text === null || !/^\d+$/.test(text) ? null : Number(text);

type Json = Readonly<Record<string, unknown>>;

/** Whether an object is a line of PostgreSQL's jsonlog. */
export const isJsonlog = (line: Json): boolean =>
  typeof line.timestamp === "string" && typeof line.error_severity === "string";

/** SQLSTATE of a line without an error; jsonlog omits it. Source: PostgreSQL 15, jsonlog.c. */
const SUCCESS = "00000";

/**
 * Reads a line of PostgreSQL's jsonlog, which omits keys without a value.
 * Source: PostgreSQL 15, "Using JSON-Format Log Output".
 * @returns what is wrong with the line, or undefined
 */
export function readJsonlog(
  line: Json,
  times: Timestamps,
  messages: MessageReader,
  draft: Draft,
): string | undefined {
  const timestamp = text(line.timestamp) ?? "";
  const time = times.fromPostgres(timestamp);
  if (time === undefined) return timeProblem(timestamp);
  draft.time = time;
  draft.user_name = text(line.user);
  draft.database_name = text(line.dbname);
  draft.application_name = text(line.application_name);
  draft.client = text(line.remote_host);
  draft.client_port = integer(line.remote_port);
  draft.process_id = integer(line.pid);
  draft.session_id = text(line.session_id);
  draft.session_line_num = integer(line.line_num);
  draft.backend_type = text(line.backend_type);
  draft.error_severity = text(line.error_severity);
  draft.sql_state_code = text(line.state_code) ?? SUCCESS;
  draft.detail = text(line.detail);
  draft.statement = text(line.statement);
  const canBeAudit = line.context === undefined && line.statement === undefined;
  return messages.read(text(line.message) ?? "", 0, canBeAudit, draft);
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const integer = (value: unknown): number | null =>
  Number.isInteger(value) ? (value as number) : null;
