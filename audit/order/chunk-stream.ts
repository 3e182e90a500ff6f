import type { LineSplitter } from "../lines/line-splitter";
import type { RecordOutput } from "../output/record-output";
import type { LogRecord } from "../record";
import { RecordReader, type Selection } from "../record-reader";
import type { Chunk, LogFile } from "../sources/source";
import { Batch, type BatchContent, type BatchStream } from "./batch";
import { IndexBuilder, RecordIndex } from "./record-index";
import type { TrailStream } from "./trail-stream";

/** Keeps the records that are read, until they become the content of a batch. */
export interface Collector {
  /** @param line valid during the call only */
  write(record: LogRecord, line: Buffer): void;
  /** The records since the last call. */
  take(): BatchContent;
}

/** Reads the chunks of streams in this thread, and makes a batch of each. */
export class BatchReader {
  private readonly index = new IndexBuilder();
  /** One for all streams, because the decoder caches values that recur in many lines. */
  private readonly reader: RecordReader;

  /**
   * @param writeBroken receives broken lines when they are read: they have no time, by which they could be sorted
   * @throws UserError for an invalid filter or time zone
   */
  constructor(
    selection: Selection,
    private readonly collector: Collector,
    readonly signal: AbortSignal,
    writeBroken?: RecordOutput["writeBroken"],
  ) {
    const onRecord = (record: LogRecord, line: Buffer) => {
      this.index.add(record, line);
      this.collector.write(record, line);
    };
    this.reader = new RecordReader(selection, onRecord, writeBroken);
  }

  streamOf(stream: TrailStream): BatchStream {
    return new ChunkStream(stream, this);
  }

  splitterOf(file: LogFile): LineSplitter {
    return this.reader.splitterOf(file);
  }

  /** What was read since the last call. */
  take(): Batch {
    const { reader } = this;
    const counts = { tally: reader.takeTally(), findings: reader.decoder.findings.take() };
    return new Batch(new RecordIndex(this.index.take()), counts, this.collector.take());
  }
}

class ChunkStream implements BatchStream {
  readonly earliest: number;
  private readonly chunks: AsyncIterator<Chunk>;
  private file = "";
  private splitter: LineSplitter | undefined;

  constructor(
    stream: TrailStream,
    private readonly reader: BatchReader,
  ) {
    this.earliest = stream.earliest;
    this.chunks = stream.read()[Symbol.asyncIterator]();
  }

  async next(): Promise<Batch | undefined> {
    const next = await this.chunks.next();
    // Nothing is awaited from here on: the reader's batch is this stream's.
    if (!next.done) {
      this.push(next.value);
    } else {
      // Where the signal ended the file, a line that isn't complete isn't broken.
      if (!this.splitter || this.reader.signal.aborted) return undefined;
      this.finish();
    }
    return this.reader.take();
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private push(chunk: Chunk): void {
    const { file } = chunk;
    if (!this.splitter || file.name !== this.file) {
      this.finish();
      this.file = file.name;
      this.splitter = this.reader.splitterOf(file);
    }
    this.splitter.push(chunk);
  }

  /** Nothing follows that would complete the last line. */
  private finish(): void {
    this.splitter?.finish();
    this.splitter = undefined;
  }
}
