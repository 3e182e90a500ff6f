import { type Draft, ownText } from "./draft";
import { headEpochSeconds, headTimestamp, type PrefixMatcher } from "./prefix-matcher";
import { type PrefixFields, setPrefixFields } from "./prefix-readings";

/** More sessions than are open at a time. */
const MAX_SESSIONS = 4096;

/** What all lines of a session have in common. */
export interface SessionPrefix {
  readonly matcher: PrefixMatcher;
  /** The text from after the last value that changes up to the message. */
  readonly constant: string;
  readonly fields: PrefixFields;
  /** Of the record; null if only the text contains it. */
  readonly recordSeverity: string | null;
  readonly severity: string;
}

/** What is known of the prefix of a line of a known session. */
export interface KnownLine {
  readonly session: SessionPrefix;
  readonly messageStart: number;
  readonly timestamp: string | null;
  readonly epochSeconds: string | null;
}

const COLON = 0x3a;
/** As long as an SQLSTATE. */
const AUDIT = "AUDIT";

/**
 * Remembers the prefixes of sessions that were read without doubt. Another line of the session with the same text, apart
 * from its time and number, needs no search for names.
 */
export class SessionPrefixes {
  private readonly sessions = new Map<number, SessionPrefix>();

  /** @param longest a severity that begins after this many characters can't end any prefix */
  constructor(private readonly longest: number) {}

  /** @returns undefined if the line isn't like the last one of its process; sets the record's fields otherwise */
  read(text: string, draft: Draft): KnownLine | undefined {
    if (draft.process_id === null) return undefined;
    const session = this.sessions.get(draft.process_id);
    if (session === undefined || session.recordSeverity !== draft.error_severity) return undefined;
    const { matcher, constant, fields, severity } = session;
    const head = matcher.scanHead(text, draft.process_id, matcher.changingSteps);
    if (head === null) return undefined;
    const messageStart = head.end + constant.length;
    if (text.slice(head.end, messageStart) !== constant) return undefined;
    if (mayBeginWithState(text, messageStart)) return undefined;
    const other = text.indexOf(":  ", messageStart);
    if (other >= 0 && other <= this.longest) return undefined;
    draft.error_severity = severity;
    setPrefixFields(fields, draft);
    if (head.lineNumber >= 0) draft.session_line_num = head.lineNumber;
    const timestamp = headTimestamp(head, text);
    return { session, messageStart, timestamp, epochSeconds: headEpochSeconds(head, text) };
  }

  /**
   * @param messageStart where the message of the line begins that was read
   * @param recordSeverity the record's
   */
  learn(
    text: string,
    messageStart: number,
    { matcher, fields, recordSeverity }: Omit<SessionPrefix, "constant" | "severity">,
    draft: Draft,
  ): void {
    if (matcher.changingSteps === undefined || draft.process_id === null) return;
    const head = matcher.scanHead(text, draft.process_id, matcher.changingSteps);
    if (head === null || fields.timestamp !== headTimestamp(head, text)) return;
    if (this.sessions.size >= MAX_SESSIONS) this.sessions.clear();
    this.sessions.set(draft.process_id, {
      matcher,
      constant: ownText(text.slice(head.end, messageStart)),
      fields,
      recordSeverity,
      severity: draft.error_severity ?? "",
    });
  }
}

/** With log_error_verbosity `verbose` the SQLSTATE precedes the message. */
const mayBeginWithState = (text: string, start: number): boolean =>
  text.charCodeAt(start + AUDIT.length) === COLON && !text.startsWith(AUDIT, start);
