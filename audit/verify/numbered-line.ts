import type { LogRecord } from "../record";

/** Where a line is. */
export interface Place {
  readonly time: string;
  readonly file: string;
  /** In bytes. */
  readonly file_offset: number;
}

/** What the check keeps of a line with a number. */
export interface NumberedLine extends Place {
  readonly number: number;
  /** Whether it is an entry of pgAudit's, or looks like one. */
  readonly isAudit: boolean;
  /** Whether the numbers count messages (jsonlog, csvlog), so that further lines have none. */
  readonly countsMessages: boolean;
  /** Most lines that PostgreSQL writes below the message, without DETAIL. */
  readonly furtherLines: number;
  readonly detail: "present" | "absent" | "never";
  /** Whether the session has no further message after it: its end, or an error that ended it. */
  readonly isEnd: boolean;
  /** Whether it is DETAIL, STATEMENT, ... as a record of its own. */
  readonly isFurtherLine: boolean;
}

/** Source: PostgreSQL 15, elog.c, send_message_to_server_log: lines below a message, each with its own number. */
const FURTHER_LINES: ReadonlySet<string> = new Set([
  ...["DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "BACKTRACE", "STATEMENT"],
]);
/** HINT, QUERY, CONTEXT, STATEMENT. BACKTRACE needs the developer option backtrace_functions. */
const MOST_FURTHER_LINES = 4;
const FATAL: ReadonlySet<string> = new Set(["FATAL", "PANIC"]);
export const DISCONNECTION = "disconnection: ";

/** PostgreSQL's jsonlog writes this key first. Source: PostgreSQL 15, jsonlog.c, write_jsonlog. */
const JSONLOG_START = '{"timestamp":';
const OPENING_BRACE = 0x7b;

/**
 * How the lines of a format are numbered. In PostgreSQL's plain log, and so in Azure's records, every line with a prefix
 * has a number; jsonlog and csvlog have one number per message.
 * Source: PostgreSQL 15, elog.c (log_line_number), jsonlog.c, csvlog.c.
 */
export function countsMessages(line: Buffer): boolean {
  return line[0] !== OPENING_BRACE || line.toString("latin1", 0, 13) === JSONLOG_START;
}

/** @param line the record's line as it is in the file */
export function numberedLine(record: LogRecord, number: number, line: Buffer): NumberedLine {
  const { kind, error_severity: severity, message } = record;
  const byMessage = countsMessages(line);
  const isFurtherLine = FURTHER_LINES.has(severity ?? "");
  const mayHaveFurther = !byMessage && !isFurtherLine && kind !== "audit" && kind !== "connection";
  const others = kind === "statement" ? 1 : MOST_FURTHER_LINES;
  return {
    time: record.time,
    file: record.file,
    file_offset: record.file_offset,
    number,
    isAudit: kind === "audit",
    countsMessages: byMessage,
    furtherLines: (mayHaveFurther ? others : 0) + (!byMessage && isVerbose(record, line) ? 1 : 0),
    detail: !mayHaveFurther ? "never" : record.detail === null ? "absent" : "present",
    isEnd:
      FATAL.has(severity ?? "") ||
      (message?.startsWith(DISCONNECTION) ?? false) ||
      (record.ambiguous === "message" && (message?.includes(`:  ${DISCONNECTION}`) ?? false)),
    isFurtherLine,
  };
}

/** With log_error_verbosity `verbose` the SQLSTATE precedes every message, and a line LOCATION follows it. */
function isVerbose({ sql_state_code: state }: LogRecord, line: Buffer): boolean {
  return state !== null && line.includes(`:  ${state}: `);
}

/**
 * A number for the content of a record, to compare records with the same number; never 0. The file and the form of the
 * line don't matter: a jsonlog and a csvlog of the same messages have the same content.
 */
export function contentDigest(record: LogRecord): number {
  let hash = 0x811c9dc5;
  const add = (text: string | number | null): void => {
    const value = text === null ? "" : String(text);
    for (let at = 0; at < value.length; at++) {
      hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193);
    }
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  };
  add(record.time);
  add(record.error_severity);
  add(record.user_name);
  add(record.audit_type);
  add(record.statement_id);
  add(record.substatement_id);
  add(record.class);
  add(record.command);
  add(record.object_name);
  add(record.statement);
  add(record.message);
  for (const parameter of record.parameters ?? []) add(parameter);
  // 30 bits: V8 keeps such integers in arrays without an object each.
  return (hash & 0x3fffffff) | 1;
}
