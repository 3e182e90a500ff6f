import type { Draft } from "./draft";
import { type LogLinePrefix, RECOMMENDED_PREFIX } from "./log-line-prefix";

/**
 * `nameless`: the prefix contains no user. `unknown`: it isn't recognised. `ambiguous`: it can be read in several ways.
 * `invalidTime`: of two times, one can't be read. `differentTime`: two times differ.
 */
export type FindingKind = "nameless" | "unknown" | "ambiguous" | "invalidTime" | "differentTime";

export interface Finding {
  readonly lines: number;
  /** What the first line shows. */
  readonly first: string;
}

/** Problems of the lines; plain data, for messages between threads. */
export interface FindingCounts {
  readonly kinds: Readonly<Partial<Record<FindingKind, Finding>>>;
  /** Nameless prefixes that are only the beginning of a prefix with names: the lines are of processes without a session. */
  readonly sessionless: readonly string[];
  /** pgAudit's entries of reads and writes: those with an object, and those whose statement names one all the same. */
  readonly entries: EntryCounts;
}

export type FindingsMark = Pick<FindingCounts, "kinds" | "entries">;

interface EntryCounts {
  readonly withObject: number;
  readonly withoutObject: number;
}

const NO_ENTRIES: EntryCounts = { withObject: 0, withoutObject: 0 };
/** `SELECT 1` has no object. */
const FROM = /\b(?:from|into|update)\b/i;

/** A larger difference between a record's two times is reported. */
const SAME_TIME_MILLISECONDS = 60_000;
const MAX_PREFIX_SHOWN = 200;

/** Counts problems of the lines' prefixes and times. */
export class Findings {
  private kinds: Partial<Record<FindingKind, Finding>> = {};
  private readonly sessionless = new Set<string>();
  private entries = NO_ENTRIES;

  /** @param logLinePrefix the server's current one, if it is known */
  constructor(private readonly logLinePrefix?: string) {}

  get counts(): FindingCounts["kinds"] {
    return this.kinds;
  }

  countUnknownPrefix(prefix: string): void {
    this.count("unknown", prefix.slice(0, MAX_PREFIX_SHOWN));
  }

  countAmbiguousPrefix(draft: Draft): void {
    this.count("ambiguous", placeOf(draft));
  }

  /** A prefix without a user is reported; one with a user explains lines with only its part before %q. */
  countNames(prefix: LogLinePrefix, namesUser: boolean): void {
    if (!namesUser) this.count("nameless", prefix.format);
    else if (prefix.formatWithoutSession !== undefined) {
      this.sessionless.add(prefix.formatWithoutSession);
    }
  }

  countInvalidTime(text: string, draft: Draft): void {
    this.count("invalidTime", `${JSON.stringify(text)}, ${placeOf(draft)}`);
  }

  /** Counts pgAudit's entries of reads and writes. */
  countObject({ class: className, object_name: object, statement }: Draft): void {
    if (className !== "READ" && className !== "WRITE") return;
    const { withObject, withoutObject } = this.entries;
    if (object !== null) this.entries = { withObject: withObject + 1, withoutObject };
    else if (FROM.test(statement ?? "")) {
      this.entries = { withObject, withoutObject: withoutObject + 1 };
    }
  }

  /** @param fromPrefix and the other: ISO 8601 in UTC */
  compareTimes(fromPrefix: string, fromProperty: string, draft: Draft): void {
    const difference = Math.abs(Date.parse(fromPrefix) - Date.parse(fromProperty));
    if (difference > SAME_TIME_MILLISECONDS) {
      this.count("differentTime", `${fromPrefix} and ${fromProperty}, ${placeOf(draft)}`);
    }
  }

  /** What was counted up to now. */
  mark(): FindingsMark {
    return { kinds: { ...this.kinds }, entries: this.entries };
  }

  /** Forgets what was counted since the mark. */
  returnTo({ kinds, entries }: FindingsMark): void {
    this.kinds = { ...kinds };
    this.entries = entries;
  }

  /** Returns the counts and resets them. */
  take(): FindingCounts {
    const { kinds, entries } = this;
    const taken = { kinds, sessionless: [...this.sessionless], entries };
    this.entries = NO_ENTRIES;
    this.kinds = {};
    this.sessionless.clear();
    return taken;
  }

  /** Adds the counts of another decoder, which has read later lines. */
  add({ kinds, sessionless, entries }: FindingCounts): void {
    for (const [kind, { lines, first }] of Object.entries(kinds)) {
      this.count(kind as FindingKind, first, lines);
    }
    for (const format of sessionless) this.sessionless.add(format);
    this.entries = {
      withObject: this.entries.withObject + entries.withObject,
      withoutObject: this.entries.withoutObject + entries.withoutObject,
    };
  }

  /** The problems for people. */
  get notices(): readonly string[] {
    const kinds: readonly FindingKind[] = [
      "nameless",
      "unknown",
      "ambiguous",
      "invalidTime",
      "differentTime",
    ];
    const notices = kinds.flatMap((kind) => {
      const finding = this.kinds[kind];
      if (!finding || (kind === "nameless" && this.sessionless.has(finding.first))) return [];
      return [this.notice(kind, finding)];
    });
    const { withObject, withoutObject } = this.entries;
    return withObject === 0 && withoutObject > 0 ? [...notices, NO_OBJECTS] : notices;
  }

  private notice(kind: FindingKind, { lines, first }: Finding): string {
    switch (kind) {
      case "nameless":
        return (
          `${lines === 1 ? "1 line names" : `${lines} lines name`} nobody: the server's log_line_prefix, "${first}", ` +
          (/%-?\d*u/.test(this.logLinePrefix ?? "")
            ? "contained no %u when they were written. It does now."
            : `contains no %u. To see who did what from now on, set the server parameter log_line_prefix to "${RECOMMENDED_PREFIX}".`)
        );
      case "unknown":
        return (
          `The prefix of ${linesOf(lines)} isn't recognised, such as ${JSON.stringify(first)}: ` +
          "user, database and client stay empty. Give the server's log_line_prefix with --log-line-prefix."
        );
      case "ambiguous":
        return (
          `The prefix of ${linesOf(lines)} can be read in several ways, first ${first}: a name in it contains the text between ` +
          "the names, perhaps to mislead. Only what all readings agree on is used, and no filter for another field leaves them out. " +
          "See docs/audit-prefixes.md."
        );
      case "invalidTime":
        return (
          `${linesOf(lines)} with two times, of which one can't be read, such as ${first}: the other one is used. ` +
          "If it is in the server's log_timezone, give that with --log-time-zone."
        );
      case "differentTime":
        return (
          `${linesOf(lines)} with a prefix and a properties.timestamp more than a minute apart, such as ${first}: ` +
          "the time in the prefix is used."
        );
    }
  }

  private count(kind: FindingKind, first: string, lines = 1): void {
    const found = this.kinds[kind];
    this.kinds[kind] = { lines: (found?.lines ?? 0) + lines, first: found?.first ?? first };
  }
}

const NO_OBJECTS =
  "No entry of a read or write names its object, so --object doesn't find them: the server parameter pgaudit.log_relation " +
  "was off. Turn it on to have an entry for each table from now on; --grep searches the statements.";

const placeOf = ({ file, file_offset }: Draft): string => `at byte ${file_offset} of ${file}`;
const linesOf = (count: number): string => (count === 1 ? "1 line" : `${count} lines`);
