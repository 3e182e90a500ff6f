import { type LineSplitter } from "./lines/line-splitter";
import { type RecordOutput, type Tally } from "./output/record-output";
import { RecordReader, type Selection } from "./record-reader";
import { type Chunk, type Source } from "./sources/source";
import { planTasks } from "./workers/plan";
import { readInThreads } from "./workers/pool";

export interface TrailReading {
  readonly source: Source;
  readonly selection: Selection;
  readonly output: RecordOutput;
  /** Goes on with what is appended, until the signal. @default false */
  readonly follow?: boolean;
  /** Threads that read local files. @default one; for large files one a core, at most 4 */
  readonly threads?: number;
  /** Ends the reading: what was read until then is counted and given out. */
  readonly signal: AbortSignal;
  /** Takes, while following, what the user should know of the lines as soon as it shows. */
  readonly notice?: (text: string) => void;
}

export interface TrailResult {
  readonly tally: Tally;
  /** What to tell the user once, of all lines: `Decoder.notices`. */
  readonly notices: readonly string[];
}

/**
 * Reads a trail from its source through the decoder and the filters into an output, and ends the output.
 * @throws UserError for a filter that can't be meant
 */
export async function readTrail(reading: TrailReading): Promise<TrailResult> {
  const result = (await readByThreads(reading)) ?? (await readHere(reading));
  await reading.output.end(result.tally);
  return result;
}

/** Undefined where threads can't do it, or wouldn't be faster. */
async function readByThreads(reading: TrailReading): Promise<TrailResult | undefined> {
  const { source, selection, output, signal } = reading;
  if (reading.follow || !output.share) return undefined;
  const files = await source.localFiles?.(selection.range);
  const plan = files && (await planTasks(files, { threads: reading.threads }));
  return plan && readInThreads({ ...plan, selection, output, share: output.share, signal });
}

async function readHere(reading: TrailReading): Promise<TrailResult> {
  const { output, selection, signal, follow = false } = reading;
  const reader = new RecordReader(selection, (record, line) => output.write(record, line));
  const files = new OpenFiles(reader, follow);
  let noticed = 0;
  for await (const chunk of chunksOf(reading)) {
    files.push(chunk);
    await output.drain();
    if (output.closed || signal.aborted) break;
    const { notices } = reader.decoder;
    if (follow && notices.length > noticed) reading.notice?.(notices.join("\n"));
    noticed = notices.length;
  }
  files.finish();
  await output.drain();
  return { tally: reader.tally, notices: reader.decoder.notices };
}

function chunksOf({ source, selection: { range }, follow, signal }: TrailReading) {
  if (!follow) return source.read(range, signal);
  if (!source.follow) throw new Error(`${source.description} doesn't grow: it can't be followed`);
  return source.follow(range, signal);
}

/** The files that are being read: one after the other, or, while following, side by side. */
class OpenFiles {
  private readonly splitters = new Map<string, LineSplitter>();
  private current: LineSplitter | undefined;

  constructor(
    private readonly reader: RecordReader,
    private readonly sideBySide: boolean,
  ) {}

  push(chunk: Chunk): void {
    const { file } = chunk;
    let splitter = this.splitters.get(file.name);
    if (!splitter) {
      if (!this.sideBySide) this.finish();
      splitter = this.reader.splitterOf(file);
      this.splitters.set(file.name, splitter);
    }
    splitter.push(chunk);
    this.current = splitter;
  }

  /** While following, the line that is being written may be cut off; those of other files are at their end. */
  finish(): void {
    for (const splitter of this.splitters.values()) {
      if (!(this.sideBySide && splitter === this.current)) splitter.finish();
    }
    this.splitters.clear();
  }
}
