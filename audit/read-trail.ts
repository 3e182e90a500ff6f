import type { Notify } from "../common/notify";
import type { LineSplitter } from "./lines/line-splitter";
import { BatchReader, type Collector } from "./order/chunk-stream";
import { DirectCollector, EncodedCollector, RecordCollector } from "./order/collectors";
import { EncodedWriter } from "./order/encoded-writer";
import { type OrderedResult, type OrderOptions, readInOrder } from "./order/record-order";
import { streamsOf, type Trail, type TrailStream } from "./order/trail-stream";
import type { RecordOutput } from "./output/record-output";
import { recentRecords } from "./recent-records";
import { RecordReader, type Selection } from "./record-reader";
import type { Chunk, ShowRecent, Source } from "./sources/source";
import { planTasks } from "./workers/plan";
import { readInThreads } from "./workers/pool";

export interface TrailReading extends OrderOptions {
  readonly source: Source;
  readonly selection: Selection;
  readonly output: RecordOutput;
  /** Continues with appended lines, until the signal. @default false */
  readonly follow?: boolean;
  /** While following: how many of the newest records are shown first. @default 10 */
  readonly recentCount?: number;
  /** Threads that read local files. @default one; for large files one per core, at most 4 */
  readonly threads?: number;
  /** Size of a thread's task. @default 4 MiB */
  readonly taskBytes?: number;
  /** Ends the reading; what was read until then is counted and written. */
  readonly signal: AbortSignal;
  /** While following, receives problems of the lines as soon as they are found. */
  readonly notify?: Notify;
}

/**
 * Reads a trail from its source through the decoder and the filters into an output, in the order of time, and ends the
 * output. The tally says whether the reading stopped early.
 * @throws UserError for an invalid filter
 */
export async function readTrail(reading: TrailReading): Promise<OrderedResult> {
  const { source, signal, output, follow } = reading;
  const result = follow
    ? await followHere(reading)
    : await readStreams(await trailOf(reading), reading);
  result.tally.unreadable = source.unreadable?.count ?? 0;
  // Following has no end of its own: the signal isn't early.
  result.tally.stoppedEarly = !follow && isStopped(output, signal);
  await output.end(result.tally);
  return result;
}

/** The signal ends a listing with an error. */
async function trailOf({ source, selection, signal }: TrailReading): Promise<Trail> {
  try {
    return await streamsOf(source, selection, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return { streams: [], isLive: false, checkRead: () => undefined };
  }
}

async function readStreams(
  { streams, isLive, checkRead }: Trail,
  reading: TrailReading,
): Promise<OrderedResult> {
  const byThreads = await readByThreads(streams, reading);
  if (byThreads) return byThreads;
  const result = await readHere(streams, isLive, reading);
  if (!isStopped(reading.output, reading.signal)) checkRead();
  return result;
}

function isStopped(output: RecordOutput, signal: AbortSignal): boolean {
  return signal.aborted || output.closed === true;
}

/** Undefined if threads aren't possible, or not worthwhile. */
async function readByThreads(
  streams: readonly TrailStream[],
  reading: TrailReading,
): Promise<OrderedResult | undefined> {
  const { source, output, selection, threads, taskBytes, unique } = reading;
  const { share } = output;
  // A thread can't know which of its records other threads have read too, so that it can't count unique ones.
  if (!share || (unique && share.kind === "summary")) return undefined;
  const { decoder } = selection;
  const plan = await planTasks(streams, { threads, taskBytes, decoder });
  return plan && readInThreads({ ...reading, ...plan, share, unreadable: source.unreadable });
}

async function readHere(
  streams: readonly TrailStream[],
  isLive: boolean,
  reading: TrailReading,
): Promise<OrderedResult> {
  const { selection, signal, output } = reading;
  const { collector, drain } = collecting(reading);
  const reader = new BatchReader(selection, collector, signal, (line, bytes) =>
    output.writeBroken?.(line, bytes),
  );
  return await readInOrder({
    ...reading,
    streams: streams.map((stream) => reader.streamOf(stream)),
    ...{ isLive, drain },
    logLinePrefix: selection.decoder.logLinePrefix,
  });
}

/** How records wait for their turn. */
function collecting({ output, unique }: TrailReading): {
  readonly collector: Collector;
  readonly drain: () => Promise<void>;
} {
  const { share } = output;
  if (share?.kind === "encoded") {
    const writer = new EncodedWriter(share);
    return { collector: new EncodedCollector(share, writer), drain: () => writer.drain() };
  }
  const isCounted = share?.kind === "summary" && !unique;
  const collector = isCounted ? new DirectCollector(output) : new RecordCollector(output);
  return { collector, drain: async () => undefined };
}

async function followHere(reading: TrailReading): Promise<OrderedResult> {
  const { source, output, selection, recentCount, signal } = reading;
  if (!source.follow) throw new Error(`${source.description} can't be followed`);
  const reader = new RecordReader(
    selection,
    (record, line) => output.write(record, line),
    (line, bytes) => output.writeBroken?.(line, bytes),
  );
  const files = new GrowingFiles(reader);
  let noticed = 0;
  const showRecent: ShowRecent = async (ends) => {
    for (const { record, line } of recentRecords(ends, selection, recentCount)) {
      output.write(record, line);
      reader.tally.shown += 1;
      if (record.ambiguous !== null) reader.tally.ambiguous += 1;
    }
    await output.drain();
  };
  const chunks = source.follow(selection.range, signal, showRecent);
  for await (const chunk of untilAborted(chunks, signal)) {
    files.push(chunk);
    await output.drain();
    if (isStopped(output, signal)) break;
    const { notices } = reader.decoder.findings;
    if (notices.length > noticed) notices.forEach((line) => reading.notify?.(line));
    noticed = notices.length;
  }
  files.finish();
  await output.drain();
  return { tally: reader.tally, notices: reader.decoder.findings.notices };
}

/** The signal ends requests and listings with an error. */
async function* untilAborted(
  chunks: AsyncIterable<Chunk>,
  signal: AbortSignal,
): AsyncIterable<Chunk> {
  try {
    yield* chunks;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The files that are followed, several at a time. */
class GrowingFiles {
  private readonly splitters = new Map<string, LineSplitter>();
  private current: LineSplitter | undefined;

  constructor(private readonly reader: RecordReader) {}

  push(chunk: Chunk): void {
    const { file } = chunk;
    const splitter = this.splitters.get(file.name) ?? this.reader.splitterOf(file);
    this.splitters.set(file.name, splitter);
    splitter.push(chunk);
    this.current = splitter;
  }

  /** Only the current file's last line may still be incomplete. */
  finish(): void {
    for (const splitter of this.splitters.values()) {
      if (splitter !== this.current) splitter.finish();
    }
  }
}
