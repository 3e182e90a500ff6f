/**
 * The kind of a line: an entry of pgAudit's; an error, warning or notice; the beginning, authentication or end of a
 * connection; a statement that PostgreSQL itself logged (log_statement, log_min_duration_statement); any other line.
 */
export type RecordKind = "audit" | "error" | "connection" | "statement" | "log";

export type Ambiguity = "names" | "message";

/**
 * A decoded line of the trail. The names are the columns of every output format and of SQL; they don't change.
 * They are those of PostgreSQL's csvlog and of pgAudit where these have one.
 * Sources: PostgreSQL 15, "Using CSV-Format Log Output"; pgAudit's README, "Format".
 */
export interface LogRecord {
  /** ISO 8601 in UTC with milliseconds: `2026-11-22T17:51:17.034Z`; sorts as text. */
  readonly time: string;
  readonly kind: RecordKind;
  /** Name of the flexible server in lower case; null if the source doesn't contain it. */
  readonly server: string | null;
  /** Null if neither the record nor its prefix contains it; `[unknown]` before a session is authenticated. */
  readonly user_name: string | null;
  readonly database_name: string | null;
  readonly application_name: string | null;
  /** Address or name of the client, `[local]` for a socket. */
  readonly client: string | null;
  readonly client_port: number | null;
  readonly process_id: number | null;
  readonly session_id: string | null;
  readonly session_line_num: number | null;
  readonly backend_type: string | null;
  /** LOG, ERROR, FATAL, ... */
  readonly error_severity: string | null;
  /** SQLSTATE, `00000` for success. */
  readonly sql_state_code: string | null;
  /** SESSION or OBJECT; this and the fields down to `rows` are null for lines that aren't pgAudit's. */
  readonly audit_type: string | null;
  readonly statement_id: number | null;
  readonly substatement_id: number | null;
  /** READ, WRITE, FUNCTION, ROLE, DDL, MISC, MISC_SET. */
  readonly class: string | null;
  /** `CREATE TABLE`, `SELECT`, ... */
  readonly command: string | null;
  /** TABLE, INDEX, VIEW, ...; null if pgAudit names no object. */
  readonly object_type: string | null;
  /** With its schema: `public.a`. */
  readonly object_name: string | null;
  /** The statement's text, also of kind `statement`; null if pgAudit omitted it. */
  readonly statement: string | null;
  /** Why `statement` is null: pgaudit.log_statement is off, or pgaudit.log_statement_once omitted a repetition. */
  readonly statement_omitted: "not logged" | "previously logged" | null;
  /** Values of the parameters as text, empty for none; null if they weren't logged. */
  readonly parameters: readonly string[] | null;
  /** Rows that the statement returned or changed, with pgaudit.log_rows. */
  readonly rows: number | null;
  /** Duration of a statement, in lines of log_min_duration_statement and log_duration. */
  readonly duration_ms: number | null;
  /** The text of a line that isn't pgAudit's, without prefix and severity. */
  readonly message: string | null;
  /** DETAIL of the line; also statement parameters, which Azure puts there. */
  readonly detail: string | null;
  /**
   * What the line doesn't say for certain, because names that a client chose contain the text between the names of its
   * prefix: `names` (fields that could differ are null) or `message` (the whole line is the message, and it may be an
   * entry of pgAudit's). Null for all other lines.
   */
  readonly ambiguous: Ambiguity | null;
  /** Name of the blob or file. */
  readonly file: string;
  /** Where the line begins in the file, in bytes. */
  readonly file_offset: number;
}

export type FieldName = keyof LogRecord;
export type FieldType = "text" | "integer" | "double" | "timestamp" | "text[]";

/** Every field in the order of the output, with its type in SQL. */
export const FIELDS: Readonly<Record<FieldName, FieldType>> = {
  time: "timestamp",
  kind: "text",
  server: "text",
  user_name: "text",
  database_name: "text",
  application_name: "text",
  client: "text",
  client_port: "integer",
  process_id: "integer",
  session_id: "text",
  session_line_num: "integer",
  backend_type: "text",
  error_severity: "text",
  sql_state_code: "text",
  audit_type: "text",
  statement_id: "integer",
  substatement_id: "integer",
  class: "text",
  command: "text",
  object_type: "text",
  object_name: "text",
  statement: "text",
  statement_omitted: "text",
  parameters: "text[]",
  rows: "integer",
  duration_ms: "double",
  message: "text",
  detail: "text",
  ambiguous: "text",
  file: "text",
  file_offset: "integer",
};

/** A line that can't be decoded; it is always counted and reported. */
export interface BrokenLine {
  readonly file: string;
  /** Where the line begins, in bytes. */
  readonly file_offset: number;
  readonly length_bytes: number;
  readonly reason: string;
}

export type DecodedLine =
  | { readonly record: LogRecord; readonly broken?: undefined }
  | { readonly broken: BrokenLine; readonly record?: undefined };
