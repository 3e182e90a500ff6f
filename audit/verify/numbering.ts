import type { NumberedLine } from "./numbered-line";

/** A line that waits until the server's numbering is known. */
export interface NumberedEntry {
  readonly line: NumberedLine;
  /** Session id or process id. */
  readonly key: string;
}

/** Fewer pairs of lines don't show how a server numbers its lines. */
const ENOUGH_PAIRS = 5;
/** Then the numbering is decided. */
const MOST_WAITING = 2000;

/**
 * Finds out how many numbers a message takes without its further lines: 1 in PostgreSQL. 2 if a server formats each prefix
 * twice, as a log hook does that calls log_status_format itself; also with log_error_verbosity `verbose`. The original
 * workshop's sample of Azure (May 2022) has the numbers 5 and 9 for two consecutive entries with one line between them
 * (log_min_duration_statement), which 2 would explain.
 *
 * It is the shortest distance from an entry of pgAudit's, which has no further lines, to the next line. The order of the
 * lines doesn't matter.
 */
export class NumberingFinder<Entry extends NumberedEntry> {
  readonly waiting: Entry[] = [];
  private readonly numbers = new Map<string, Map<number, NumberedLine>>();

  /** @returns the numbers per message, or undefined while it isn't decided */
  add(entry: Entry): number | undefined {
    this.waiting.push(entry);
    const { key, line } = entry;
    const session = this.numbers.get(key) ?? new Map<number, NumberedLine>();
    this.numbers.set(key, session);
    session.set(line.number, line);
    const [before, after] = [session.get(line.number - 1), session.get(line.number + 1)];
    const isNext =
      (before !== undefined && isNextLine(before, line)) ||
      (after !== undefined && isNextLine(line, after));
    if (isNext || line.countsMessages) return 1;
    return this.waiting.length < MOST_WAITING ? undefined : this.decide();
  }

  decide(): number {
    const counts = new Map<number, number>();
    let all = 0;
    for (const session of this.numbers.values()) {
      const lines = [...session.values()].sort((left, right) => left.number - right.number);
      lines.forEach((line, index) => {
        const next = lines[index + 1];
        if (!next || !line.isAudit || line.furtherLines > 0) return;
        const distance = next.number - line.number;
        counts.set(distance, (counts.get(distance) ?? 0) + 1);
        all += 1;
      });
    }
    const shortest = Math.min(...counts.keys());
    const count = counts.get(shortest) ?? 0;
    return count >= ENOUGH_PAIRS && count * 2 >= all ? shortest : 1;
  }
}

/** Whether one message directly follows an entry of pgAudit's, so that entries take one number. */
export const isNextLine = (entry: NumberedLine, next: NumberedLine): boolean =>
  entry.isAudit && !next.isFurtherLine && next.number === entry.number + 1;
