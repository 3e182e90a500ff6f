import { LOG_LINE_PREFIX } from "../../components/server-parameters";
import { type Draft } from "./draft";

/** What a user should know of the lines as a whole; plain data, so that it goes from one thread to another. */
export interface FindingCounts {
  /** Lines whose prefix names no user. */
  namelessPrefixLines: number;
  /** Of the first of them. */
  namelessPrefix: string | undefined;
  /** Lines whose prefix isn't a known one. */
  unknownPrefixLines: number;
  /** What stands before the severity in the first of them. */
  unknownPrefix: string | undefined;
  /** Lines whose prefix can be read in more than one way. */
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

/** Counts what the lines' prefixes lack. */
export class Findings {
  readonly counts: FindingCounts = { ...NONE };

  /** @param logLinePrefix the server's as it is now, where it is known */
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

  /** What was counted so far; counting begins anew. */
  take(): FindingCounts {
    const taken = { ...this.counts };
    Object.assign(this.counts, NONE);
    return taken;
  }

  /** Adds another decoder's, of lines that come after this one's. */
  add(other: FindingCounts): void {
    const { counts } = this;
    counts.namelessPrefixLines += other.namelessPrefixLines;
    counts.namelessPrefix ??= other.namelessPrefix;
    counts.unknownPrefixLines += other.unknownPrefixLines;
    counts.unknownPrefix ??= other.unknownPrefix;
    counts.ambiguousPrefixLines += other.ambiguousPrefixLines;
    counts.ambiguousPrefixAt ??= other.ambiguousPrefixAt;
  }

  /** What to tell the user, a sentence or two each. */
  get notices(): readonly string[] {
    const { counts } = this;
    const notices: string[] = [];
    if (counts.namelessPrefixLines > 0) {
      notices.push(
        `${lines(counts.namelessPrefixLines)} nobody: the server's log_line_prefix, "${counts.namelessPrefix ?? ""}", ` +
          (/%-?\d*u/.test(this.logLinePrefix ?? "")
            ? "held no %u when they were written. It does now."
            : `holds no %u. To see who did what from now on, set the server parameter log_line_prefix to "${LOG_LINE_PREFIX}".`),
      );
    }
    if (counts.unknownPrefixLines > 0) {
      notices.push(
        `${prefixes(counts.unknownPrefixLines)} isn't recognised, such as ${JSON.stringify(counts.unknownPrefix)}: ` +
          `user, database and client are left empty. Give the server's log_line_prefix with --log-line-prefix.`,
      );
    }
    const at = counts.ambiguousPrefixAt;
    if (at !== undefined) {
      notices.push(
        `${prefixes(counts.ambiguousPrefixLines)} can be read in more than one way, first at byte ${at.offset} of ${at.file}: ` +
          `names in it hold what stands between them, perhaps to mislead. Where the message's beginning is in doubt, the line is kept whole, as a message, and not taken for pgAudit's.`,
      );
    }
    return notices;
  }
}

const lines = (count: number): string => (count === 1 ? "1 line names" : `${count} lines name`);
const prefixes = (count: number): string =>
  count === 1 ? "The prefix of 1 line" : `The prefix of ${count} lines`;
