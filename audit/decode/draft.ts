import type { LogRecord } from "../record";

/** A record while it is decoded. */
export type Draft = { -readonly [Name in keyof LogRecord]: LogRecord[Name] };

/** All fields in one order: decoding is fast if V8 sees objects of one shape. */
export function newDraft(file: string, fileOffset: number): Draft {
  return {
    time: "",
    kind: "log",
    server: null,
    user_name: null,
    database_name: null,
    application_name: null,
    client: null,
    client_port: null,
    process_id: null,
    session_id: null,
    session_line_num: null,
    backend_type: null,
    error_severity: null,
    sql_state_code: null,
    audit_type: null,
    statement_id: null,
    substatement_id: null,
    class: null,
    command: null,
    object_type: null,
    object_name: null,
    statement: null,
    statement_omitted: null,
    parameters: null,
    rows: null,
    duration_ms: null,
    message: null,
    detail: null,
    ambiguous: null,
    file,
    file_offset: fileOffset,
  };
}

/**
 * A copy of the text, for caches: in V8 a slice keeps the whole text alive that it was taken from, perhaps a statement
 * of a megabyte.
 */
export function ownText(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
