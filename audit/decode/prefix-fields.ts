import { type Draft } from "./draft";
import { type PrefixValues } from "./prefix-readings";

/** What a prefix says of its line, as a record has it; null for what it doesn't say. */
export interface PrefixFields {
  readonly applicationName: string | null;
  readonly userName: string | null;
  readonly databaseName: string | null;
  readonly client: string | null;
  readonly clientPort: number | null;
  readonly processId: number | null;
  readonly sessionId: string | null;
  readonly sessionLineNum: number | null;
  readonly backendType: string | null;
  readonly sqlState: string | null;
  /** As %m or %t have it. */
  readonly timestamp: string | null;
  /** As %n has it. */
  readonly epochSeconds: string | null;
}

export function prefixFields(values: PrefixValues): PrefixFields {
  const text = (letter: string): string | null => values[letter] || null;
  const number = (letter: string): number | null =>
    values[letter] === undefined ? null : Number(values[letter]);
  // `10.0.0.4(51234)`, `[local]`.
  const [host, port] = (values.r ?? "").split(/\((?=\d+\)$)/) as [string, string?];
  const sessionId = text("c");
  return {
    applicationName: text("a"),
    userName: text("u"),
    databaseName: text("d"),
    client: text("h") ?? (host || null),
    clientPort: port === undefined ? null : parseInt(port, 10),
    processId: number("p") ?? (sessionId === null ? null : processIdOf(sessionId)),
    sessionId,
    sessionLineNum: number("l"),
    backendType: text("b"),
    sqlState: text("e"),
    timestamp: text("m") ?? text("t"),
    epochSeconds: text("n"),
  };
}

/** A session's id is its start and its process id, in hexadecimal digits. Source: PostgreSQL 15, "log_line_prefix", %c. */
export const processIdOf = (sessionId: string): number =>
  parseInt(sessionId.slice(sessionId.indexOf(".") + 1), 16);

/** Fills in what the record itself didn't say. */
export function takePrefixFields(fields: PrefixFields, draft: Draft): void {
  draft.application_name = fields.applicationName;
  draft.user_name = fields.userName;
  draft.database_name = fields.databaseName;
  draft.client = fields.client;
  draft.client_port = fields.clientPort;
  draft.process_id ??= fields.processId;
  draft.session_id ??= fields.sessionId;
  draft.session_line_num ??= fields.sessionLineNum;
  draft.backend_type ??= fields.backendType;
  draft.sql_state_code ??= fields.sqlState;
}
