import type { BrokenLine, LogRecord } from "../record";
import type { Notables } from "../rules/notables";
import type { SummaryPart } from "./summary";
import type { Tally } from "./tally";

/** Receives the selected records one after the other, and writes them in a format. */
export interface RecordOutput {
  /**
   * Called for each record; the output may buffer until `drain`.
   * @param line the line as it is in its file, without the line end; valid during the call only
   */
  write(record: LogRecord, line: Buffer): void;
  /**
   * Called for each line that can't be decoded, for an output that needs these too; they are counted in any case.
   * @param bytes valid during the call only; undefined if the line is too long to be kept
   */
  writeBroken?(line: BrokenLine, bytes: Buffer | undefined): void;
  /** Writes all that is buffered; resolves when there is room for more. Called after each chunk. */
  drain(): Promise<void>;
  /** Called after the last record. */
  end(tally: Tally): Promise<void>;
  /** Whether the reader of a pipe is gone (`| head`): reading ends then. */
  readonly closed?: boolean;
  /** What a person must know of the output besides the tally, at its end. */
  readonly notice?: string;
  /**
   * After the end: whether the output says that the trail is incomplete or uncertain.
   * @default whether lines were ambiguous
   */
  readonly isDoubtful?: boolean;
  /** Whether `write` uses the line. @default true */
  readonly usesLines?: boolean;
  /** The part of the work that threads can do; undefined: one thread must read everything. */
  readonly share?: OutputShare;
}

export type OutputShare =
  | {
      readonly kind: "summary";
      /** Adds the counts of a thread. */
      add(part: SummaryPart): void;
      /** Rules that the threads apply too. */
      readonly rules?: Notables;
    }
  | {
      readonly kind: "encoded";
      readonly format: EncodedFormat;
      /** Writes what a thread has encoded, in the order of the files; resolves when the memory may be reused. */
      writeEncoded(bytes: Buffer): Promise<void>;
    };

/**
 * Formats in which the text of a record depends on this record only, so that threads can encode; `rows` is what DuckDB
 * loads, for --sql and --parquet.
 */
export type EncodedFormat = "json" | "csv" | "raw" | "rows";
