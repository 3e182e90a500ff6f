import { type LogRecord } from "../../../audit/record";

/** A record of pgAudit's; with the fields that matter to the test. */
export function logRecord(fields: Partial<LogRecord> = {}): LogRecord {
  return {
    time: "2026-11-22T17:51:17.034Z",
    kind: "audit",
    server: "pgflex",
    user_name: "app",
    database_name: "shop",
    application_name: "psql",
    client: "10.1.2.3",
    client_port: null,
    process_id: 4711,
    session_id: null,
    session_line_num: 1,
    backend_type: "client backend",
    error_severity: "LOG",
    sql_state_code: "00000",
    audit_type: "SESSION",
    statement_id: 1,
    substatement_id: 1,
    class: "READ",
    command: "SELECT",
    object_type: "TABLE",
    object_name: "public.orders",
    statement: "SELECT * FROM orders",
    statement_omitted: null,
    parameters: null,
    rows: null,
    duration_ms: null,
    message: null,
    detail: null,
    ambiguous: null,
    file: "PT1H.json",
    file_offset: 0,
    ...fields,
  };
}
