import type { FindingCounts } from "../decode/findings";
import type { Tally } from "../output/tally";
import type { RecordIndex } from "./record-index";

/** The records of a batch, decoded or encoded, until it is their turn. */
export interface BatchContent {
  /** Writes the record at this position into the output. */
  write(at: number): void;
  /** Called when no record is needed any more: the memory is free. */
  release(): void;
}

/** What was counted while a batch was read. */
export interface BatchCounts {
  readonly tally: Tally;
  readonly findings: FindingCounts;
}

/** Records of a stream that were read at once: those of a chunk, or of a thread's task. */
export class Batch {
  private waiting: number;

  constructor(
    readonly index: RecordIndex,
    readonly counts: BatchCounts,
    private readonly content: BatchContent,
  ) {
    this.waiting = index.count;
    if (this.waiting === 0) content.release();
  }

  /** To be called once for each record, in any order. */
  finish(at: number, isWritten: boolean): void {
    if (isWritten) this.content.write(at);
    this.waiting -= 1;
    if (this.waiting === 0) this.content.release();
  }
}

/** Files of which each continues the previous one: the hours of a server, or a file of its own. */
export interface BatchStream {
  /**
   * Milliseconds since 1970; no record before it is expected, and the stream isn't opened before the others have reached
   * it.
   */
  readonly earliest: number;
  /** Undefined at the end. */
  next(): Promise<Batch | undefined>;
  /** Ends the reading before the end. */
  close(): Promise<void>;
}
