import { setTimeout as delay } from "node:timers/promises";
import { Findings } from "../decode/findings";
import type { RecordOutput } from "../output/record-output";
import { newTally, type Tally } from "../output/tally";
import type { Batch, BatchStream } from "./batch";
import { OrderCounts } from "./order-counts";
import { ReorderWindow, type Run, WINDOW_LIMITS, type WindowLimits } from "./reorder-window";
import { Repetitions } from "./repetitions";
import { TimeMerge } from "./time-merge";

export interface OrderOptions {
  /** Leaves out repeated records. @default false */
  readonly unique?: boolean;
  /** @default WINDOW_LIMITS */
  readonly window?: WindowLimits;
}

export interface OrderedReading extends OrderOptions {
  readonly streams: readonly BatchStream[];
  readonly output: Pick<RecordOutput, "closed" | "drain">;
  /** Passes on to the output what the contents of the batches have buffered. */
  readonly drain: () => Promise<void>;
  readonly logLinePrefix: string | undefined;
  /** Whether the streams may wait for their writers: then records don't wait for others during a pause. @default false */
  readonly isLive?: boolean;
  readonly signal: AbortSignal;
}

export interface OrderedResult {
  readonly tally: Tally;
  /** What is to be said of the lines as a whole. */
  readonly notices: readonly string[];
}

/** Records that are written without a pause when no more are read. */
const RECORDS_AT_ONCE = 1000;
/** A pipe's writer that writes nothing for this long is waiting itself. */
const PAUSE_MILLISECONDS = 300;

/** Reads streams up to their end or the signal, and writes their records in the order of their time. */
export async function readInOrder(reading: OrderedReading): Promise<OrderedResult> {
  const { streams, output, isLive = false, signal } = reading;
  const drain = async () => {
    await reading.drain();
    await output.drain();
  };
  const merge = new TimeMerge(streams);
  const order = new RecordOrder(reading);
  const add = (run: Run) => order.add(run);
  const writeAll = async () => {
    while (!output.closed && order.writeNext(RECORDS_AT_ONCE)) await drain();
    await drain();
  };
  try {
    while (!output.closed && !signal.aborted) {
      const loading = loaded(merge, signal);
      if (isLive && (await isPausing(loading))) await writeAll();
      if (!(await loading)) break;
      merge.advance(add);
      await drain();
    }
    merge.passRest(add);
    await writeAll();
  } finally {
    await merge.close();
  }
  const tally = newTally();
  const findings = new Findings(reading.logLinePrefix);
  merge.addResults(tally, findings);
  tally.shown = order.counts.written;
  tally.repeated = order.counts.dropped;
  return { tally, notices: [...findings.notices, ...order.counts.notices] };
}

async function isPausing(loading: Promise<unknown>): Promise<boolean> {
  const loaded = new AbortController();
  const { signal } = loaded;
  const pause = delay(PAUSE_MILLISECONDS, true, { signal }).catch(() => false);
  const end = loading.then(
    () => false,
    () => false,
  );
  const isPause = await Promise.race([pause, end]);
  loaded.abort();
  return isPause;
}

/** The signal may end a request with an error. */
async function loaded(merge: TimeMerge, signal: AbortSignal): Promise<boolean> {
  try {
    return await merge.load();
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}

/** Sorts records that are almost in order, and finds those that are repeated. */
class RecordOrder {
  readonly counts = new OrderCounts();
  private readonly window: ReorderWindow;
  private readonly repetitions = new Repetitions();
  private readonly unique: boolean;
  private readonly output: OrderedReading["output"];
  private time = Number.NEGATIVE_INFINITY;

  constructor({ output, unique = false, window = WINDOW_LIMITS }: OrderedReading) {
    this.output = output;
    this.unique = unique;
    this.window = new ReorderWindow(window);
  }

  add(run: Run): void {
    this.window.add(run);
    while (this.window.isFull) this.window.take(this.write);
  }

  /** @returns false if no record is left */
  writeNext(count: number): boolean {
    for (let index = 0; index < count; index += 1) this.window.take(this.write);
    return !this.window.isEmpty;
  }

  private readonly write = (batch: Batch, at: number): void => {
    if (this.output.closed) return;
    const { counts } = this;
    const novelty = this.repetitions.compare(batch.index, at);
    const isWritten = !this.unique || novelty !== "repeated";
    batch.finish(at, isWritten);
    if (novelty === "repeated") counts.repeated += 1;
    if (novelty === "alike") counts.alike += 1;
    if (!isWritten) {
      counts.dropped += 1;
      return;
    }
    counts.written += 1;
    const time = batch.index.time(at);
    if (time < this.time) counts.late += 1;
    else this.time = time;
  };
}
