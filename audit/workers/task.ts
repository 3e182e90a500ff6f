import { type FindingCounts } from "../decode/decoder";
import { type EncodedFormat, type Tally } from "../output/record-output";
import { type Selection } from "../record-reader";
import { type SummaryPart } from "../output/summary";

/** Whole lines of a file on this machine. */
export interface FileRange {
  readonly name: string;
  readonly path: string;
  readonly fromByte: number;
  /** Exclusive. */
  readonly toByte: number;
}

/** What one thread reads at a time: ranges in the order of the files. */
export interface Task {
  readonly ranges: readonly FileRange[];
}

/** What a thread is to do with the records of its tasks. */
export interface WorkerSetup {
  readonly selection: Selection;
  /** Undefined: count them. */
  readonly format?: EncodedFormat;
}

/** What a thread is sent. */
export interface TaskMessage {
  readonly task: Task;
  /** Memory of earlier results, to be used again. */
  readonly spare: readonly ArrayBuffer[];
}

export interface TaskResult {
  readonly tally: Tally;
  readonly findings: FindingCounts;
  readonly summary?: SummaryPart;
  /** Records in their format; each piece has its memory for itself. */
  readonly encoded?: readonly Uint8Array<ArrayBuffer>[];
}
