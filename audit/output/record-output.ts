import { type BrokenLine, type LogRecord } from "../record";
import { type SummaryPart } from "./summary";

/** What was read and what became of it; told on standard error at the end. Each line counts in one of them. */
export interface Tally {
  /** Records that were given out. */
  shown: number;
  /** Records that a filter or the time range left out. */
  filtered: number;
  /** Records of Azure's own sessions that would have been shown with --system. */
  system: number;
  /** Lines that couldn't be decoded. */
  broken: number;
  /** The first of them, at most `BROKEN_LINES_KEPT`. */
  readonly brokenLines: BrokenLine[];
}

/** Broken lines that are told one by one; the others are only counted. */
export const BROKEN_LINES_KEPT = 100;

/** Takes the selected records, one after the other, and gives them out in a format. */
export interface RecordOutput {
  /**
   * Called for each record; it may keep what is written until `drain`.
   * @param line the line as it stands in its file, without the line end; valid during the call only
   */
  write(record: LogRecord, line: Buffer): void;
  /** Gives out all that was written so far; resolves when there is room for more. Called after each chunk. */
  drain(): Promise<void>;
  /** After the last record. */
  end(tally: Tally): Promise<void>;
  /** Whether nobody listens any more (`| head`): reading ends then. */
  readonly closed?: boolean;
  /** Where threads that each read a range of a file can do part of the work; undefined: one thread reads all. */
  readonly share?: OutputShare;
}

export type OutputShare =
  | {
      readonly kind: "summary";
      /** Adds what a thread has counted. */
      add(part: SummaryPart): void;
    }
  | {
      readonly kind: "encoded";
      readonly format: EncodedFormat;
      /** Takes what a thread has encoded, in the order of the files; resolves when the memory may be used again. */
      writeEncoded(bytes: Buffer): Promise<void>;
    };

/** Formats in which a record's text depends on nothing but the record: threads write them side by side. */
export type EncodedFormat = "json" | "csv" | "raw";

/** Turns a record into the text of a format. It holds no state. */
export interface RecordEncoder {
  /** What stands before the first record, with its line end; empty for none. */
  readonly header: string;
  /** One record with its line end. */
  encode(record: LogRecord, line: Buffer): string;
}

export function newTally(): Tally {
  return { shown: 0, filtered: 0, system: 0, broken: 0, brokenLines: [] };
}

/** Adds a part of what was read to the whole. */
export function addTally(whole: Tally, part: Tally): void {
  whole.shown += part.shown;
  whole.filtered += part.filtered;
  whole.system += part.system;
  whole.broken += part.broken;
  for (const line of part.brokenLines) keepBrokenLine(whole, line);
}

export function keepBrokenLine(tally: Tally, line: BrokenLine): void {
  if (tally.brokenLines.length < BROKEN_LINES_KEPT) tally.brokenLines.push(line);
}
