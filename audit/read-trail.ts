import type { Notify } from "../common/notify";
import type { LineSplitter } from "./lines/line-splitter";
import type { RecordOutput } from "./output/record-output";
import type { Tally } from "./output/tally";
import { recentRecords } from "./recent-records";
import { RecordReader, type Selection } from "./record-reader";
import type { Chunk, ShowRecent, Source } from "./sources/source";
import { planTasks } from "./workers/plan";
import { readInThreads } from "./workers/pool";

export interface TrailReading {
  readonly source: Source;
  readonly selection: Selection;
  readonly output: RecordOutput;
  /** Continues with appended lines, until the signal. @default false */
  readonly follow?: boolean;
  /** Threads that read local files. @default one; for large files one per core, at most 4 */
  readonly threads?: number;
  /** Ends the reading; what was read until then is counted and written. */
  readonly signal: AbortSignal;
  /** While following, receives problems of the lines as soon as they are found. */
  readonly notify?: Notify;
}

export interface TrailResult {
  readonly tally: Tally;
  /** Problems of the lines as a whole: `Findings.notices`. */
  readonly notices: readonly string[];
}

/**
 * Reads a trail from its source through the decoder and the filters into an output, and ends the output.
 * @throws UserError for an invalid filter
 */
export async function readTrail(reading: TrailReading): Promise<TrailResult> {
  const result = (await readByThreads(reading)) ?? (await readHere(reading));
  result.tally.unreadable = reading.source.unreadable?.count ?? 0;
  await reading.output.end(result.tally);
  return result;
}

/** Undefined if threads aren't possible, or not worthwhile. */
async function readByThreads(reading: TrailReading): Promise<TrailResult | undefined> {
  const { source, selection, output, signal } = reading;
  if (reading.follow || !output.share) return undefined;
  const files = await source.localFiles?.(selection.range);
  const plan = files && (await planTasks(files, { threads: reading.threads }));
  const { unreadable } = source;
  return (
    plan && readInThreads({ ...plan, selection, output, share: output.share, unreadable, signal })
  );
}

async function readHere(reading: TrailReading): Promise<TrailResult> {
  const { output, selection, signal, follow = false } = reading;
  const reader = new RecordReader(
    selection,
    (record, line) => output.write(record, line),
    (line, bytes) => output.writeBroken?.(line, bytes),
  );
  const files = new OpenFiles(reader, follow);
  let noticed = 0;
  const showRecent: ShowRecent = async (ends) => {
    for (const { record, line } of recentRecords(ends, selection)) {
      output.write(record, line);
      reader.tally.shown += 1;
      if (record.ambiguous !== null) reader.tally.ambiguous += 1;
    }
    await output.drain();
  };
  for await (const chunk of chunksOf(reading, showRecent)) {
    files.push(chunk);
    await output.drain();
    if (output.closed || signal.aborted) break;
    const { notices } = reader.decoder.findings;
    if (follow && notices.length > noticed) notices.forEach((line) => reading.notify?.(line));
    noticed = notices.length;
  }
  // Where reading was ended, a line that isn't complete isn't broken.
  if (!output.closed && !signal.aborted) files.finish();
  await output.drain();
  return { tally: reader.tally, notices: reader.decoder.findings.notices };
}

function chunksOf(
  { source, selection: { range }, follow, signal }: TrailReading,
  showRecent: ShowRecent,
) {
  if (!follow) return source.read(range, signal);
  if (!source.follow) throw new Error(`${source.description} can't be followed`);
  return source.follow(range, signal, showRecent);
}

/** The files that are being read: one at a time, but several while following. */
class OpenFiles {
  private readonly splitters = new Map<string, LineSplitter>();
  private current: LineSplitter | undefined;

  constructor(
    private readonly reader: RecordReader,
    private readonly follow: boolean,
  ) {}

  push(chunk: Chunk): void {
    const { file } = chunk;
    let splitter = this.splitters.get(file.name);
    if (!splitter) {
      if (!this.follow) this.finish();
      splitter = this.reader.splitterOf(file);
      this.splitters.set(file.name, splitter);
    }
    splitter.push(chunk);
    this.current = splitter;
  }

  /** While following, only the current file's last line may still be incomplete. */
  finish(): void {
    for (const splitter of this.splitters.values()) {
      if (!(this.follow && splitter === this.current)) splitter.finish();
    }
    this.splitters.clear();
  }
}
