import { type Draft } from "./draft";
import { type MessageReader } from "./message";
import { timeProblem, type Timestamps } from "./time";

type Json = Readonly<Record<string, unknown>>;

/** Whether an object is a line of PostgreSQL's jsonlog. */
export const isJsonlog = (line: Json): boolean =>
  typeof line.timestamp === "string" && typeof line.error_severity === "string";

/** SQLSTATE of a line that tells no error; jsonlog leaves it out. Source: PostgreSQL 15, jsonlog.c. */
const SUCCESS = "00000";

/**
 * Reads a line of PostgreSQL's jsonlog; keys without a value are left out there.
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
  const isPlain = line.context === undefined && line.statement === undefined;
  return messages.read(text(line.message) ?? "", 0, isPlain, draft);
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const integer = (value: unknown): number | null =>
  Number.isInteger(value) ? (value as number) : null;
