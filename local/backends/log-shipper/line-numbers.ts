import { type JsonLogLine } from "./log-line-prefix";

/** Sessions to remember; those that ended without a disconnection line, such as failed logins, are never removed. */
const MAX_SESSIONS = 10_000;

/** By session id: how many further lines its earlier messages had. */
export type FurtherLines = Readonly<Record<string, number>>;

/**
 * Numbers the messages of each session as %l does in PostgreSQL's plain log: DETAIL, HINT, QUERY, CONTEXT, LOCATION and
 * STATEMENT of a message are lines with a prefix of their own, and each prefix counts. jsonlog's line_num counts messages.
 * Source: PostgreSQL 15, elog.c, log_line_prefix (it increments log_line_number) and send_message_to_server_log; jsonlog.c.
 *
 * With log_error_verbosity `terse` PostgreSQL writes further lines to jsonlog only; they are counted nevertheless.
 */
export class LineNumbers {
  private readonly further: Map<string, number>;

  /** @param further the state after the line before */
  constructor(further: FurtherLines = {}) {
    this.further = new Map(Object.entries(further));
  }

  /** To continue later. */
  get state(): FurtherLines {
    return Object.fromEntries(this.further);
  }

  /** The line with the number of the plain log; called once for each line, in the order of the log. */
  number(line: JsonLogLine): JsonLogLine {
    const { session_id: session, line_num: number } = line;
    if (session === undefined || number === undefined) return line;
    const before = number === 1 ? 0 : (this.further.get(session) ?? 0);
    this.further.delete(session);
    const after = before + furtherLines(line);
    if (after > 0 && !line.message.startsWith("disconnection: ")) this.further.set(session, after);
    const [oldest] = this.further.keys();
    if (this.further.size > MAX_SESSIONS && oldest !== undefined) this.further.delete(oldest);
    return before === 0 ? line : { ...line, line_num: number + before };
  }
}

function furtherLines(line: JsonLogLine): number {
  const { detail, hint, internal_query, context, file_name, statement } = line;
  return [detail, hint, internal_query, context, file_name, statement].filter(
    (text) => text !== undefined,
  ).length;
}
