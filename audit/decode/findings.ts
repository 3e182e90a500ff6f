import type { Draft } from "./draft";
import { RECOMMENDED_PREFIX } from "./log-line-prefix";

/** Problems of the prefixes; plain data, for messages between threads. */
export interface FindingCounts {
  /** Lines whose prefix contains no user. */
  namelessPrefixLines: number;
  /** The first such prefix, as log_line_prefix. */
  namelessPrefix: string | undefined;
  /** Lines whose prefix isn't recognised. */
  unknownPrefixLines: number;
  /** The text before the severity in the first of them. */
  unknownPrefix: string | undefined;
  /** Lines whose prefix can be read in several ways. */
  ambiguousPrefixLines: number;
  ambiguousPrefixAt: { readonly file: string; readonly offset: number } | undefined;
}

const NONE: FindingCounts = {
  namelessPrefixLines: 0,
  namelessPrefix: undefined,
  unknownPrefixLines: 0,
  unknownPrefix: undefined,
  ambiguousPrefixLines: 0,
  ambiguousPrefixAt: undefined,
};

/** Counts problems of the lines' prefixes. */
export class Findings {
  readonly counts: FindingCounts = { ...NONE };

  /** @param logLinePrefix the server's current one, if it is known */
  constructor(private readonly logLinePrefix?: string) {}

  countNamelessPrefix(format: string): void {
    this.counts.namelessPrefixLines += 1;
    this.counts.namelessPrefix ??= format;
  }

  countUnknownPrefix(prefix: string): void {
    this.counts.unknownPrefixLines += 1;
    this.counts.unknownPrefix ??= prefix.slice(0, 200);
  }

  countAmbiguousPrefix({ file, file_offset }: Draft): void {
    this.counts.ambiguousPrefixLines += 1;
    this.counts.ambiguousPrefixAt ??= { file, offset: file_offset };
  }

  /** Returns the counts and resets them. */
  take(): FindingCounts {
    const taken = { ...this.counts };
    Object.assign(this.counts, NONE);
    return taken;
  }

  /** Adds the counts of another decoder, which has read later lines. */
  add(other: FindingCounts): void {
    const { counts } = this;
    counts.namelessPrefixLines += other.namelessPrefixLines;
    counts.namelessPrefix ??= other.namelessPrefix;
    counts.unknownPrefixLines += other.unknownPrefixLines;
    counts.unknownPrefix ??= other.unknownPrefix;
    counts.ambiguousPrefixLines += other.ambiguousPrefixLines;
    counts.ambiguousPrefixAt ??= other.ambiguousPrefixAt;
  }

  /** The problems for people. */
  get notices(): readonly string[] {
    const { counts } = this;
    const notices: string[] = [];
    if (counts.namelessPrefixLines > 0) {
      notices.push(
        `${lines(counts.namelessPrefixLines)} nobody: the server's log_line_prefix, "${counts.namelessPrefix ?? ""}", ` +
          (/%-?\d*u/.test(this.logLinePrefix ?? "")
            ? "contained no %u when they were written. It does now."
            : `contains no %u. To see who did what from now on, set the server parameter log_line_prefix to "${RECOMMENDED_PREFIX}".`),
      );
    }
    if (counts.unknownPrefixLines > 0) {
      notices.push(
        `${prefixes(counts.unknownPrefixLines)} isn't recognised, such as ${JSON.stringify(counts.unknownPrefix)}: ` +
          `user, database and client stay empty. Give the server's log_line_prefix with --log-line-prefix.`,
      );
    }
    const at = counts.ambiguousPrefixAt;
    if (at !== undefined) {
      notices.push(
        `${prefixes(counts.ambiguousPrefixLines)} can be read in several ways, first at byte ${at.offset} of ${at.file}: ` +
          `names in it contain the text between the names, perhaps to mislead. If the message's beginning is ambiguous, the whole line is kept as a message, not as an entry of pgAudit's.`,
      );
    }
    return notices;
  }
}

const lines = (count: number): string => (count === 1 ? "1 line names" : `${count} lines name`);
const prefixes = (count: number): string =>
  count === 1 ? "The prefix of 1 line" : `The prefix of ${count} lines`;
