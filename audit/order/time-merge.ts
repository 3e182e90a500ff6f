import { Findings } from "../decode/findings";
import { addTally, newTally, type Tally } from "../output/tally";
import type { Batch, BatchStream } from "./batch";
import type { Run } from "./reorder-window";

/** Streams whose next records are read at the same time: of a container each is a download. */
const LOADED_AT_ONCE = 8;

/**
 * Merges streams by time. A stream is expected to be in order; a record that is late in it comes when the stream is read
 * up to it, and is to be sorted in afterwards.
 */
export class TimeMerge {
  private readonly heads: readonly StreamHead[];
  /** Those that aren't opened yet, the earliest first. */
  private readonly unopened: StreamHead[];
  private open: StreamHead[] = [];

  constructor(streams: readonly BatchStream[]) {
    this.heads = streams.map((stream, number) => new StreamHead(stream, number));
    this.unopened = [...this.heads].sort((a, b) => a.stream.earliest - b.stream.earliest);
  }

  /** Reads what is needed to continue; false at the end of all streams. */
  async load(): Promise<boolean> {
    if (this.open.length === 0) this.openUpTo(this.unopened[0]?.stream.earliest ?? 0);
    const empty = this.open.filter((head) => !head.hasRecord);
    for (let from = 0; from < empty.length; from += LOADED_AT_ONCE) {
      await Promise.all(empty.slice(from, from + LOADED_AT_ONCE).map((head) => head.load()));
    }
    this.open = this.open.filter((head) => !head.ended);
    return this.open.length > 0 || this.unopened.length > 0;
  }

  /** Passes on the records up to where more must be loaded. */
  advance(pass: (run: Run) => void): void {
    while (this.open.length > 0 && this.open.every((head) => head.hasRecord)) {
      const [first, second] = this.firstTwo();
      const next = this.unopened[0]?.stream.earliest ?? Infinity;
      if (first.front >= next) return this.openUpTo(first.front);
      do pass(first.takeRun(next, second));
      while (first.hasRecord && first.front < next && (!second || first.isBefore(second)));
    }
  }

  /** Passes on what was read and not yet passed on, because reading ends here. */
  passRest(pass: (run: Run) => void): void {
    for (const head of this.open) while (head.hasRecord) pass(head.takeRun(Infinity, undefined));
  }

  async close(): Promise<void> {
    await Promise.all(this.open.map((head) => head.stream.close()));
  }

  /** What was read, in the order of the streams. */
  addResults(tally: Tally, findings: Findings): void {
    for (const head of this.heads) {
      addTally(tally, head.tally);
      findings.add(head.findings.take());
    }
  }

  private openUpTo(time: number): void {
    while ((this.unopened[0]?.stream.earliest ?? Infinity) <= time) {
      this.open.push(this.unopened.shift() as StreamHead);
    }
  }

  private firstTwo(): [StreamHead, StreamHead | undefined] {
    let [first, second]: [StreamHead?, StreamHead?] = [];
    for (const head of this.open) {
      if (!first || head.isBefore(first)) [first, second] = [head, first];
      else if (!second || head.isBefore(second)) second = head;
    }
    return [first as StreamHead, second];
  }
}

/** A stream with its records that were read and not yet passed on. */
class StreamHead {
  readonly tally = newTally();
  readonly findings = new Findings();
  /** The latest time up to the next record. */
  front = Number.NEGATIVE_INFINITY;
  ended = false;
  private batch: Batch | undefined;
  private at = 0;

  constructor(
    readonly stream: BatchStream,
    private readonly number: number,
  ) {}

  get hasRecord(): boolean {
    return this.batch !== undefined;
  }

  async load(): Promise<void> {
    const batch = await this.stream.next();
    if (!batch) {
      this.ended = true;
      return;
    }
    addTally(this.tally, batch.counts.tally);
    this.findings.add(batch.counts.findings);
    this.at = 0;
    this.setBatch(batch);
  }

  /**
   * The next records, up to one that isn't in order.
   * @param next nor are records taken from this time on
   * @param other nor after the next record of this stream
   */
  takeRun(next: number, other: StreamHead | undefined): Run {
    const { batch, at: from, number: stream } = this;
    if (!batch) throw new Error("the stream has no record");
    const { index } = batch;
    const otherFront = other?.front ?? Infinity;
    const isFirst = other === undefined || stream < other.number;
    let time = index.time(from);
    let to = from + 1;
    for (; to < index.count; to += 1) {
      const following = index.time(to);
      if (following < time || following >= next || following > otherFront) break;
      if (following === otherFront && !isFirst) break;
      time = following;
    }
    this.front = Math.max(this.front, time);
    this.at = to;
    this.setBatch(batch);
    return { batch, stream, from, to };
  }

  /** Whether its next record is to be passed on before the other's. */
  isBefore(other: StreamHead): boolean {
    return this.front < other.front || (this.front === other.front && this.number < other.number);
  }

  private setBatch(batch: Batch): void {
    this.batch = this.at < batch.index.count ? batch : undefined;
    if (this.batch) this.front = Math.max(this.front, batch.index.time(this.at));
  }
}
