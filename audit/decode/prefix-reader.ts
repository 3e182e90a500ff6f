import { LOG_LINE_PREFIX } from "../../components/server-parameters";
import { type Draft } from "./draft";
import { type Findings } from "./findings";
import { parseLogLinePrefix } from "./log-line-prefix";
import { takePrefixFields } from "./prefix-fields";
import { PrefixMatcher, type TailReading } from "./prefix-matcher";

/**
 * Prefixes that are recognised unasked: the stack's; Azure's default ("Server parameters in Azure Database for
 * PostgreSQL", log_line_prefix); PostgreSQL's own default; Debian's. None of them can be taken for another.
 */
const KNOWN_PREFIXES: readonly string[] = [
  LOG_LINE_PREFIX,
  "%t-%c-",
  "%m [%p] ",
  "%m [%p] %q%u@%d ",
];

/** Source: PostgreSQL 15, elog.c, error_severity, and the further lines of send_message_to_server_log. */
const SEVERITIES: readonly string[] = [
  ...["LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO", "DEBUG"],
  ...["DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT", "LOCATION", "BACKTRACE"],
  ...["DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5"],
];

/** Between severity and message. */
const AFTER_SEVERITY = ":  ";

/** Where an unknown prefix is expected to have ended. */
const MAX_UNKNOWN_PREFIX = 1024;

/**
 * Reads what stands before a message: the server's log_line_prefix and the severity. The prefix ends where the
 * severity stands; what a client chose for a name may hold the same words, so every end is tried that the prefix
 * allows.
 */
export class PrefixReader {
  /** Times in the prefix that was read last: as %m or %t have it, and as %n. */
  timestamp: string | null = null;
  epochSeconds: string | null = null;
  private readonly matchers: readonly PrefixMatcher[];

  /** @param logLinePrefix tried before those that are recognised unasked */
  constructor(
    logLinePrefix: string | undefined,
    private readonly findings: Findings,
  ) {
    const formats = new Set([
      ...(logLinePrefix === undefined ? [] : [logLinePrefix]),
      ...KNOWN_PREFIXES,
    ]);
    this.matchers = [...formats].map((format) => new PrefixMatcher(parseLogLinePrefix(format)));
  }

  /**
   * Takes the prefix's values into the record.
   * @param needsTime whether the record itself has no time
   * @returns where the message begins; negative if that can't be told, because the prefix can end in several places
   */
  read(text: string, needsTime: boolean, draft: Draft): number {
    this.timestamp = null;
    this.epochSeconds = null;
    for (const matcher of this.matchers) {
      const headEnd = matcher.scanHead(text, draft.process_id);
      if (headEnd < 0) continue;
      const messageStart = this.readTail(matcher, text, headEnd, needsTime, draft);
      if (messageStart !== undefined) return messageStart;
    }
    return this.readUnknown(text, draft);
  }

  private readTail(
    matcher: PrefixMatcher,
    text: string,
    headEnd: number,
    needsTime: boolean,
    draft: Draft,
  ): number | undefined {
    const { maxLength } = matcher;
    const { error_severity: severity, process_id: processId } = draft;
    let end = severityStart(text, headEnd, maxLength, severity);
    let reading: TailReading | null = null;
    while (end >= 0) {
      reading = matcher.readTail(text, headEnd, end, processId);
      if (reading !== null) break;
      end = severityStart(text, end + 1, maxLength, severity);
    }
    if (reading === null) return undefined;
    matcher.takeHead(text, draft);
    if (needsTime) {
      this.timestamp = matcher.headTimestamp(text) ?? reading.fields.timestamp;
      this.epochSeconds = matcher.headEpochSeconds(text) ?? reading.fields.epochSeconds;
    }
    let other = severityStart(text, end + 1, maxLength, severity);
    while (other >= 0) {
      if (matcher.readTail(text, headEnd, other, processId) !== null) {
        this.findings.countAmbiguousPrefix(draft);
        return -1;
      }
      other = severityStart(text, other + 1, maxLength, severity);
    }
    takePrefixFields(reading.fields, draft);
    if (reading.isOneOfSeveral) this.findings.countAmbiguousPrefix(draft);
    if (!matcher.namesUser) this.findings.countNamelessPrefix(matcher.prefix.format);
    return afterSeverity(text, end, draft);
  }

  private readUnknown(text: string, draft: Draft): number {
    let end = severityStart(text, 0, MAX_UNKNOWN_PREFIX, draft.error_severity);
    if (end < 0) end = severityStart(text, 0, MAX_UNKNOWN_PREFIX, null);
    if (end < 0) return 0;
    if (end > 0) this.findings.countUnknownPrefix(text.slice(0, end));
    else this.findings.countNamelessPrefix("");
    return afterSeverity(text, end, draft);
  }
}

/**
 * @param severity any, where it isn't known
 * @returns where `LOG:  ` begins, from one position on up to another; negative if it doesn't
 */
function severityStart(text: string, from: number, to: number, severity: string | null): number {
  for (
    let colon = text.indexOf(AFTER_SEVERITY, from);
    colon >= 0;
    colon = text.indexOf(AFTER_SEVERITY, colon + 1)
  ) {
    const start = severity === null ? anySeverity(text, colon) : colon - severity.length;
    if (start > to) return -1;
    if (start >= from && (severity === null || text.startsWith(severity, start))) return start;
  }
  return -1;
}

function anySeverity(text: string, colon: number): number {
  const severity = SEVERITIES.find((word) => text.startsWith(word, colon - word.length));
  return severity === undefined ? -1 : colon - severity.length;
}

/** With log_error_verbosity `verbose` the SQLSTATE stands before the message: `LOG:  00000: connection received`. */
const SQL_STATE = /^(?=[A-Z]*\d)[0-9A-Z]{5}$/;

function afterSeverity(text: string, start: number, draft: Draft): number {
  const colon = text.indexOf(AFTER_SEVERITY, start);
  draft.error_severity ??= text.slice(start, colon);
  const message = colon + AFTER_SEVERITY.length;
  if (!text.startsWith(": ", message + 5)) return message;
  const known = draft.sql_state_code;
  if (known !== null) return text.startsWith(known, message) ? message + 7 : message;
  const state = text.slice(message, message + 5);
  if (!SQL_STATE.test(state)) return message;
  draft.sql_state_code = state;
  return message + 7;
}
