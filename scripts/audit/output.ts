import { BrokenLine, LogRecord } from "./record";

/** What was read and what became of it; told on standard error at the end. */
export interface Tally {
  /** Records that were given out. */
  shown: number;
  /** Records that a filter or the time range left out. */
  filtered: number;
  /** Records of Azure's own sessions, hidden without --system. */
  system: number;
  /** Lines that couldn't be decoded. */
  broken: number;
  /** The first of them. */
  readonly brokenLines: BrokenLine[];
}

/** Takes the selected records, one after the other, and gives them out in a format. */
export interface RecordOutput {
  /** @param line the line as it stands in its file, without the line end */
  write(record: LogRecord, line: Buffer): void;
  /** Resolves when what was written has gone out; a reader that stops listening (`| head`) ends it too. */
  drain(): Promise<void>;
  /** After the last record. */
  end(tally: Tally): Promise<void>;
}
