import type { LogRecord } from "../record";
import type { NumberedLine, Place } from "./numbered-line";
import { isNextLine } from "./numbering";
import { StatementIds } from "./statement-ids";

/** Numbers that were all seen, and the lines at both ends. */
export interface Run {
  first: NumberedLine;
  last: NumberedLine;
}

/** `broken`: one of the two lines is broken. `unknown`: not compared, because too many lines were read. */
export type Likeness = "same" | "different" | "broken" | "unknown";

/** Consecutive numbers that were seen again, in one file. */
export interface Repeat {
  readonly from: number;
  to: number;
  readonly likeness: Likeness;
  readonly place: Place;
}

/** An entry whose ids don't follow those before it. */
export interface StrayEntry {
  readonly line: NumberedLine;
  readonly reason: string;
}

/** Digests that may be kept, about 8 bytes each. */
export class DigestBudget {
  constructor(private left = 32_000_000) {}

  get isSpent(): boolean {
    return this.left === 0;
  }

  take(): boolean {
    if (this.isSpent) return false;
    this.left -= 1;
    return true;
  }
}

/** Of a broken line: its content isn't known. */
export const BROKEN_DIGEST = 0;

/** What the session's server knows, which the session needs while lines are added. */
export interface Numbering {
  /** Numbers that a message takes without further lines. */
  readonly step: number;
  /** Most further lines of a message. */
  furtherLines(line: NumberedLine): number;
  /** Called when a message took fewer numbers than `step`. */
  noteShorterStep(): void;
}

/** The lines of one session, in any order: ranges of numbers, not lines. */
export class SessionTrail {
  /** In ascending order, with gaps between them. */
  readonly runs: Run[] = [];
  readonly repeats: Repeat[] = [];
  readonly strays: StrayEntry[] = [];
  user: string | null = null;
  /** Whether a client logged in: then an end is expected. */
  isAuthorized = false;
  /** Whether it is a client's, not a background process. */
  isClient = false;
  private readonly digests: number[] = [];
  private readonly ids = new StatementIds();
  /** The line with the highest number. */
  private newest: NumberedLine | undefined;
  private gapSinceEntry = false;

  /** @param id of the session; without %c in the prefix the process id */
  constructor(
    readonly id: string,
    readonly processId: number | null,
    private readonly numbering: Numbering,
    private readonly budget: DigestBudget,
  ) {}

  digestOf(number: number): number | undefined {
    return this.digests[number];
  }

  /**
   * @param digest of the content, or BROKEN_DIGEST
   * @param record undefined for a broken line whose number could be read
   */
  add(line: NumberedLine, digest: number, record?: LogRecord): void {
    if (record) this.describe(record);
    const likeness = this.likeness(line.number, digest);
    if (likeness !== undefined) {
      this.countRepeat(line, likeness);
      if (likeness === "broken" && digest !== BROKEN_DIGEST) this.digests[line.number] = digest;
      return;
    }
    if (this.budget.take()) this.digests[line.number] = digest;
    this.follow(line, record);
    this.insert(line);
  }

  private describe({ kind, user_name: user, client, message }: LogRecord): void {
    if (user !== null && user !== "[unknown]") this.user ??= user;
    this.isClient ||= kind === "connection" || user !== null || client !== null;
    this.isAuthorized ||=
      kind === "audit" || kind === "statement" || (message?.includes(LOGIN) ?? false);
  }

  /** @returns undefined for a number that wasn't seen before */
  private likeness(number: number, digest: number): Likeness | undefined {
    const known = this.digests[number];
    if (known === undefined) {
      return this.budget.isSpent && this.isWithinRun(number) ? "unknown" : undefined;
    }
    if (known === BROKEN_DIGEST || digest === BROKEN_DIGEST) return "broken";
    return known === digest ? "same" : "different";
  }

  private isWithinRun(number: number): boolean {
    return this.runs.some(({ first, last }) => number >= first.number && number <= last.number);
  }

  private countRepeat(line: NumberedLine, likeness: Likeness): void {
    const { number } = line;
    const last = this.repeats.at(-1);
    const continues =
      last && last.likeness === likeness && last.place.file === line.file && number > last.to;
    if (continues) last.to = number;
    else this.repeats.push({ from: number, to: number, likeness, place: placeOf(line) });
  }

  /** Compares a line with the one before. Lines that come late, in files in another order, aren't compared. */
  private follow(line: NumberedLine, record: LogRecord | undefined): void {
    const { newest, numbering } = this;
    if (newest && line.number < newest.number) return;
    const distance = line.number - (newest?.number ?? 0);
    if (newest && numbering.step > 1 && isNextLine(newest, line)) numbering.noteShorterStep();
    const allowed = newest ? numbering.furtherLines(newest) : 0;
    // A line that can't be read as a whole may be an entry.
    const mayBeEntry = record === undefined || record.ambiguous === "message";
    this.gapSinceEntry ||= distance > numbering.step + allowed || mayBeEntry;
    this.newest = line;
    if (record?.kind !== "audit") return;
    const reason = this.ids.add(record, this.gapSinceEntry);
    if (reason !== undefined) this.strays.push({ line, reason });
    this.gapSinceEntry = false;
  }

  private insert(line: NumberedLine): void {
    const { runs } = this;
    let at = runs.length;
    while (at > 0 && (runs[at - 1]?.first.number ?? 0) > line.number) at -= 1;
    const [before, after] = [runs[at - 1], runs[at]];
    const joinsBefore = before !== undefined && this.isAdjacent(before.last, line);
    const joinsAfter = after !== undefined && this.isAdjacent(line, after.first);
    if (before && after && joinsBefore && joinsAfter) {
      before.last = after.last;
      runs.splice(at, 1);
    } else if (before && joinsBefore) before.last = line;
    else if (after && joinsAfter) after.first = line;
    else if (!before || line.number > before.last.number) {
      runs.splice(at, 0, { first: line, last: line });
    }
  }

  private isAdjacent(left: NumberedLine, right: NumberedLine): boolean {
    const distance = right.number - left.number;
    return distance === 1 || distance === this.numbering.step;
  }
}

/** Source: PostgreSQL 15, postinit.c, PerformAuthentication. */
const LOGIN = "connection authorized: ";

export const placeOf = ({ time, file, file_offset }: Place): Place => ({ time, file, file_offset });
