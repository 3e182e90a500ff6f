import type { Draft } from "./draft";
import type { Findings } from "./findings";
import { KNOWN_PREFIXES, parseLogLinePrefix } from "./log-line-prefix";
import { PrefixMatcher, withHead } from "./prefix-matcher";
import { agreement, type PrefixFields, setPrefixFields } from "./prefix-readings";
import { SessionPrefixes } from "./session-prefixes";

/** Source: PostgreSQL 15, elog.c, error_severity, and the further lines of send_message_to_server_log. */
const LONGEST_SEVERITY = "BACKTRACE".length;
const SEVERITIES: readonly string[] = [
  ...["LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO", "DEBUG"],
  ...["DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT", "LOCATION", "BACKTRACE"],
  ...["DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5"],
];

/** Between severity and message. */
const AFTER_SEVERITY = ":  ";

/** An unknown prefix isn't expected to be longer. */
const MAX_UNKNOWN_PREFIX = 1024;

const NO_PREFIX = parseLogLinePrefix("");

/** What is known after the prefix was read. */
export interface PrefixEnd {
  /** Where the message begins; negative if that is ambiguous, because the prefix can end in several places. */
  messageStart: number;
  /** %m or %t. */
  timestamp: string | null;
  /** %n. */
  epochSeconds: string | null;
}

/** A way to read a text. */
interface Candidate {
  readonly matcher: PrefixMatcher;
  /** Where the prefix ends. */
  readonly end: number;
  readonly isAmbiguous: boolean;
  readonly fields: PrefixFields;
}

/** A known prefix, and those that the same text may have. */
interface KnownPrefix {
  readonly matcher: PrefixMatcher;
  readonly rivals: readonly PrefixMatcher[];
}

/**
 * Reads the text before a message: the server's log_line_prefix and the severity. The prefix ends at the severity; but
 * names that a client chose may contain the same words, or those of another prefix, so every end of every prefix is
 * tried. Where the results differ, the record is ambiguous.
 */
export class PrefixReader {
  private readonly prefixes: readonly KnownPrefix[];
  private readonly sessions: SessionPrefixes;
  /** The result of `read`, allocated once. */
  private readonly end: PrefixEnd = { messageStart: 0, timestamp: null, epochSeconds: null };

  /** @param logLinePrefix the server's; a text that has it isn't read otherwise */
  constructor(
    logLinePrefix: string | undefined,
    private readonly findings: Findings,
  ) {
    const matcher = (format: string) => new PrefixMatcher(parseLogLinePrefix(format));
    const known = KNOWN_PREFIXES.filter((format) => format !== logLinePrefix).map(matcher);
    this.prefixes = [
      ...(logLinePrefix === undefined ? [] : [{ matcher: matcher(logLinePrefix), rivals: [] }]),
      ...known.map((each) => ({
        matcher: each,
        rivals: known.filter((other) => other !== each && each.mayFitSameText(other)),
      })),
    ];
    const longest = Math.max(...this.prefixes.map(({ matcher: { maxLength } }) => maxLength));
    this.sessions = new SessionPrefixes(longest + LONGEST_SEVERITY);
  }

  /**
   * Sets the record's fields from the prefix.
   * @returns an object that is valid until the next call
   */
  read(text: string, draft: Draft): PrefixEnd {
    const known = this.sessions.read(text, draft);
    if (known !== undefined) {
      this.countNames(known.session.matcher);
      return known;
    }
    for (const { matcher, rivals } of this.prefixes) {
      const [first, ...others] = candidatesOf(matcher, text, draft);
      if (first === undefined) continue;
      const rivaling = rivals.flatMap((rival) => candidatesOf(rival, text, draft));
      this.compare(first, [...others, ...rivaling], text, draft);
      return this.end;
    }
    this.end.timestamp = null;
    this.end.epochSeconds = null;
    this.end.messageStart = this.readUnknown(text, draft);
    return this.end;
  }

  /** Uses what all ways to read the text agree on. */
  private compare(
    first: Candidate,
    others: readonly Candidate[],
    text: string,
    draft: Draft,
  ): void {
    const { matcher } = first;
    const recordSeverity = draft.error_severity;
    const { fields, isAmbiguous } = agreement(
      first.fields,
      others.map((other) => other.fields),
    );
    setPrefixFields(fields, draft);
    this.end.timestamp = fields.timestamp;
    this.end.epochSeconds = fields.epochSeconds;
    if (others.some(({ end }) => end !== first.end)) draft.ambiguous = "message";
    else if (isAmbiguous || [first, ...others].some((candidate) => candidate.isAmbiguous)) {
      draft.ambiguous = "names";
    }
    if (draft.ambiguous === null) this.countNames(matcher);
    else this.findings.countAmbiguousPrefix(draft);
    this.end.messageStart =
      draft.ambiguous === "message" ? -1 : afterSeverity(text, first.end, draft);
    if (draft.ambiguous === null && others.length === 0) {
      this.sessions.learn(text, this.end.messageStart, { matcher, fields, recordSeverity }, draft);
    }
  }

  private countNames({ namesUser, prefix }: PrefixMatcher): void {
    this.findings.countNames(prefix, namesUser);
  }

  /** The text of an unknown prefix may contain names, too. */
  private readUnknown(text: string, draft: Draft): number {
    let severity = draft.error_severity;
    let end = severityStart(text, 0, MAX_UNKNOWN_PREFIX, severity);
    if (end < 0) {
      severity = null;
      end = severityStart(text, 0, MAX_UNKNOWN_PREFIX, severity);
    }
    if (end < 0) return 0;
    if (end === 0) this.findings.countNames(NO_PREFIX, false);
    else {
      this.findings.countUnknownPrefix(text.slice(0, end));
      if (severityStart(text, end + 1, MAX_UNKNOWN_PREFIX, severity) >= 0) {
        draft.ambiguous = "message";
        this.findings.countAmbiguousPrefix(draft);
        return -1;
      }
    }
    return afterSeverity(text, end, draft);
  }
}

/** The ways to read the text with the matcher's prefix: one for each end. */
function candidatesOf(matcher: PrefixMatcher, text: string, draft: Draft): Candidate[] {
  const { error_severity: severity, process_id: processId } = draft;
  const { maxLength } = matcher;
  const head = matcher.scanHead(text, processId);
  if (head === null) return [];
  const candidates: Candidate[] = [];
  for (
    let end = severityStart(text, head.end, maxLength, severity);
    end >= 0;
    end = severityStart(text, end + 1, maxLength, severity)
  ) {
    const reading = matcher.readTail(text, head.end, end, processId);
    if (reading === null) continue;
    const { isAmbiguous } = reading;
    candidates.push({ matcher, end, isAmbiguous, fields: withHead(head, text, reading.fields) });
  }
  return candidates;
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
