import type { Batch } from "./batch";

export interface WindowLimits {
  readonly records: number;
  /** Sum of the lines' lengths. */
  readonly bytes: number;
}

/**
 * How many records wait for earlier ones. Azure delivers a server's records in batches, some of them seconds to minutes
 * late: this is half a minute of a server with 700 records per second, and hours of most servers. More would need more
 * memory.
 */
export const WINDOW_LIMITS: WindowLimits = { records: 20_000, bytes: 32 * 1024 ** 2 };

/** Records that follow one another in their batch, each not before the previous one. */
export interface Run {
  readonly batch: Batch;
  /** The stream's number: it orders records of the same time. */
  readonly stream: number;
  /** Positions in the batch. */
  from: number;
  /** Exclusive. */
  to: number;
}

/** Gaps at the beginning of the array are removed when they have this length. */
const COMPACT_AT = 65_536;

/** Sorts records of which each is at most so many places late. Almost all come in long runs, which are kept whole. */
export class ReorderWindow {
  /** In order from `first` on; none overlaps the next. */
  private runs: Run[] = [];
  private first = 0;
  private records = 0;
  private bytes = 0;

  constructor(private readonly limits: WindowLimits) {}

  get isFull(): boolean {
    return this.records > this.limits.records || this.bytes > this.limits.bytes;
  }

  get isEmpty(): boolean {
    return this.records === 0;
  }

  add(run: Run): void {
    const { batch, from, to } = run;
    this.records += to - from;
    this.bytes += batch.index.size(from, to);
    const last = this.runs[this.runs.length - 1];
    if (this.first === this.runs.length || !last || !isBefore(run, from, last, last.to - 1)) {
      this.runs.push(run);
    } else {
      for (let at = from; at < to; at += 1) this.insert({ ...run, from: at, to: at + 1 });
    }
  }

  /** Removes the earliest record and passes it on. */
  take(pass: (batch: Batch, at: number) => void): void {
    const run = this.runs[this.first];
    if (!run) return;
    const { batch, from } = run;
    run.from += 1;
    if (run.from === run.to) this.removeFirst();
    this.records -= 1;
    this.bytes -= batch.index.size(from, from + 1);
    pass(batch, from);
  }

  private removeFirst(): void {
    this.first += 1;
    if (this.first < COMPACT_AT) return;
    this.runs = this.runs.slice(this.first);
    this.first = 0;
  }

  /** After all records that aren't later: those of the same time stay in the order of their file. */
  private insert(record: Run): void {
    const { runs, first } = this;
    const isLater = (run: Run | undefined, at: number) =>
      run !== undefined && isBefore(record, record.from, run, at);
    const place = firstPlace(first, runs.length, (at) => isLater(runs[at], runs[at]?.from ?? 0));
    const before = place > first ? runs[place - 1] : undefined;
    if (!before || !isLater(before, before.to - 1)) {
      runs.splice(place, 0, record);
      return;
    }
    const cut = firstPlace(before.from, before.to, (at) => isLater(before, at));
    const rest = { ...before, from: cut };
    before.to = cut;
    runs.splice(place, 0, record, rest);
  }
}

/** The first number for which the test is true, as for all numbers after it; `to` if there is none. */
function firstPlace(from: number, to: number, test: (at: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether the record at this position of a run comes before that at another position of another run. */
function isBefore(run: Run, at: number, other: Run, otherAt: number): boolean {
  const time = run.batch.index.time(at);
  const otherTime = other.batch.index.time(otherAt);
  return time < otherTime || (time === otherTime && run.stream < other.stream);
}
