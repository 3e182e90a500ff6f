import { type LogRecord } from "../record";

/** A record while it is put together. */
export type Draft = { -readonly [Name in keyof LogRecord]: LogRecord[Name] };

/** Names every field once and in one order: records of one shape are what makes decoding fast. */
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
    file,
    file_offset: fileOffset,
  };
}

/**
 * The same text with memory of its own. A slice of V8's keeps the whole text alive that it was taken from, so what
 * a cache keeps would hold on to a statement of a megabyte.
 */
export function ownText(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
