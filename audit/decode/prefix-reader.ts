import type { Draft } from "./draft";
import type { Findings } from "./findings";
import { KNOWN_PREFIXES, parseLogLinePrefix } from "./log-line-prefix";
import {
  headEpochSeconds,
  headTimestamp,
  type PrefixHead,
  PrefixMatcher,
  setHeadFields,
} from "./prefix-matcher";
import { type PrefixReading, setPrefixFields } from "./prefix-readings";

/** Source: PostgreSQL 15, elog.c, error_severity, and the further lines of send_message_to_server_log. */
const SEVERITIES: readonly string[] = [
  ...["LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO", "DEBUG"],
  ...["DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT", "LOCATION", "BACKTRACE"],
  ...["DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5"],
];

/** Between severity and message. */
const AFTER_SEVERITY = ":  ";

/** An unknown prefix isn't expected to be longer. */
const MAX_UNKNOWN_PREFIX = 1024;

/** What is known after the prefix was read. */
export interface PrefixEnd {
  /** Where the message begins; negative if that is ambiguous, because the prefix can end in several places. */
  messageStart: number;
  /** %m or %t, if the record needs a time. */
  timestamp: string | null;
  /** %n, if the record needs a time. */
  epochSeconds: string | null;
}

/**
 * Reads the text before a message: the server's log_line_prefix and the severity. The prefix ends at the severity; but
 * names that a client chose may contain the same words, so every end is tried that the prefix allows.
 */
export class PrefixReader {
  private readonly matchers: readonly PrefixMatcher[];
  /** The result of `read`, allocated once. */
  private readonly end: PrefixEnd = { messageStart: 0, timestamp: null, epochSeconds: null };

  /** @param logLinePrefix tried before the known prefixes */
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
   * Sets the record's fields from the prefix.
   * @param needsTime whether the record itself has no time
   * @returns an object that is valid until the next call
   */
  read(text: string, needsTime: boolean, draft: Draft): PrefixEnd {
    const { end } = this;
    end.timestamp = null;
    end.epochSeconds = null;
    for (const matcher of this.matchers) {
      const head = matcher.scanHead(text, draft.process_id);
      if (head !== null && this.readTail(matcher, text, head, needsTime, draft)) return end;
    }
    end.messageStart = this.readUnknown(text, draft);
    return end;
  }

  /** @returns whether the text has the matcher's prefix */
  private readTail(
    matcher: PrefixMatcher,
    text: string,
    head: PrefixHead,
    needsTime: boolean,
    draft: Draft,
  ): boolean {
    const { maxLength } = matcher;
    const { error_severity: severity, process_id: processId } = draft;
    let end = severityStart(text, head.end, maxLength, severity);
    let reading: PrefixReading | null = null;
    while (end >= 0) {
      reading = matcher.readTail(text, head.end, end, processId);
      if (reading !== null) break;
      end = severityStart(text, end + 1, maxLength, severity);
    }
    if (reading === null) return false;
    setHeadFields(head, text, draft);
    if (needsTime) {
      this.end.timestamp = headTimestamp(head, text) ?? reading.fields.timestamp;
      this.end.epochSeconds = headEpochSeconds(head, text) ?? reading.fields.epochSeconds;
    }
    let other = severityStart(text, end + 1, maxLength, severity);
    while (other >= 0) {
      if (matcher.readTail(text, head.end, other, processId) !== null) {
        this.findings.countAmbiguousPrefix(draft);
        this.end.messageStart = -1;
        return true;
      }
      other = severityStart(text, other + 1, maxLength, severity);
    }
    setPrefixFields(reading.fields, draft);
    if (reading.isAmbiguous) this.findings.countAmbiguousPrefix(draft);
    if (!matcher.namesUser) this.findings.countNamelessPrefix(matcher.prefix.format);
    this.end.messageStart = afterSeverity(text, end, draft);
    return true;
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
 * @param severity null: any
 * @returns where `LOG:  ` begins between two positions; negative if it doesn't
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

/** With log_error_verbosity `verbose` the SQLSTATE precedes the message: `LOG:  00000: connection received`. */
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
