import type { Draft } from "./draft";
import { PgAuditReader } from "./pgaudit";

const AUDIT = "AUDIT: ";
const SESSION_ENTRY = `${AUDIT}SESSION,`;
const OBJECT_ENTRY = `${AUDIT}OBJECT,`;

/** Source: pgAudit's README, pgaudit.log_level: ERROR, FATAL and PANIC aren't allowed. */
const NEVER_AUDIT: ReadonlySet<string> = new Set(["ERROR", "FATAL", "PANIC"]);
const ERRORS: ReadonlySet<string> = new Set(["ERROR", "FATAL", "PANIC", "WARNING", "NOTICE"]);

/** The beginnings of lines of log_connections and log_disconnections. Source: PostgreSQL 15, postmaster.c, auth.c, postgres.c. */
const CONNECTION_STARTS: readonly string[] = [
  "connection received: ",
  "connection authenticated: ",
  "connection authorized: ",
  "replication connection authorized: ",
  "disconnection: ",
];

/**
 * Lines of log_statement, log_duration and log_min_duration_statement. Source: PostgreSQL 15, postgres.c,
 * fastpath.c: `statement: TEXT`, `execute NAME: TEXT`, `duration: 1.234 ms`, `duration: 1.234 ms  parse NAME: TEXT`.
 */
const DURATION = /^duration: (\d+(?:\.\d+)?) ms(?:  |$)/;
const STATEMENT = /^(?:statement|(?:parse|bind|execute|execute fetch from) [^\n]*?): /;

/**
 * Determines the kind of a line, and reads its message. A session can imitate pgAudit's entries with RAISE LOG; in
 * PostgreSQL's own logs such a line has a context and isn't an entry. Azure's records contain no context, so there it
 * can't be distinguished from an entry.
 */
export class MessageReader {
  private readonly pgaudit = new PgAuditReader();

  /**
   * @param text contains the message from `start` to its end
   * @param canBeAudit false if the line has a field that pgAudit's lines never have (context, statement)
   * @returns what is wrong with the line, or undefined
   */
  read(text: string, start: number, canBeAudit: boolean, draft: Draft): string | undefined {
    const severity = draft.error_severity;
    if (
      canBeAudit &&
      (startsAt(text, start, SESSION_ENTRY) || startsAt(text, start, OBJECT_ENTRY)) &&
      !NEVER_AUDIT.has(severity ?? "")
    ) {
      draft.kind = "audit";
      return this.pgaudit.read(text, start + AUDIT.length, draft);
    }
    const message = start === 0 ? text : text.slice(start);
    draft.message = message;
    if (severity !== null && ERRORS.has(severity)) draft.kind = "error";
    else if (CONNECTION_STARTS.some((begin) => message.startsWith(begin)))
      draft.kind = "connection";
    else readStatement(message, draft);
    return undefined;
  }

  /** Keeps a whole line as the message, because its beginning is ambiguous. */
  keep(text: string, draft: Draft): undefined {
    draft.message = text;
    if (ERRORS.has(draft.error_severity ?? "")) draft.kind = "error";
  }
}

/** Faster than startsWith, which every line would call. */
const startsAt = (text: string, start: number, beginning: string): boolean =>
  text.slice(start, start + beginning.length) === beginning;

function readStatement(message: string, draft: Draft): void {
  const first = message.charCodeAt(0);
  // d(uration), s(tatement), e(xecute), f(astpath): most lines begin differently.
  if (first !== 0x64 && first !== 0x73 && first !== 0x65 && first !== 0x66) return;
  const duration = DURATION.exec(message);
  const rest = duration ? message.slice(duration[0].length) : message;
  const statement = STATEMENT.exec(rest);
  if (duration) draft.duration_ms = Number(duration[1]);
  if (statement) draft.statement = rest.slice(statement[0].length);
  if (duration || statement || message.startsWith("fastpath function call: ")) {
    draft.kind = "statement";
  }
}
