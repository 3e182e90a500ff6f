import { Decoder, type DecoderOptions } from "./decode/decoder";
import { forEachLine, LineSplitter, type LineSplitterOptions } from "./lines/line-splitter";
import { keepBrokenLine, newTally, type Tally } from "./output/tally";
import type { BrokenLine, LogRecord } from "./record";
import { compileFilter, type Filter, type FilterOptions } from "./select/filter";
import { NeedleSearch, needleOf } from "./select/needle";
import { rangeTest, type TimeRange } from "./select/time-range";
import type { LogFile } from "./sources/source";

/** What to read of a trail, and how; plain data, for messages between threads. */
export interface Selection {
  readonly range: TimeRange;
  readonly filters: FilterOptions;
  readonly decoder: DecoderOptions;
}

/**
 * Decodes the lines of files, filters the records, counts both, and passes on the records to show. Records outside the
 * range aren't counted, nor are problems of their prefixes; broken lines, whose time is unknown, are.
 */
export class RecordReader {
  tally: Tally = newTally();
  readonly decoder: Decoder;
  private readonly filter: Filter;
  private readonly isInRange: ((time: string) => boolean) | undefined;
  private readonly search: NeedleSearch | undefined;
  /** With --object a file's first block is decoded whole, to find out whether its entries name objects at all. */
  private readonly namesObject: boolean;
  private readonly lines: LineSplitterOptions = {
    block: (bytes, offset, file) => this.readBlock(bytes, offset, file),
    row: (bytes, offset, file) => this.readLine(bytes, offset, file.name),
    broken: (line) => this.countBroken(line),
  };

  /**
   * @param onRecord receives each record to show and its line, which is valid during the call only
   * @param onBroken receives each broken line and its bytes, which are valid during the call only
   * @throws UserError for an invalid filter or time zone
   */
  constructor(
    { range, filters, decoder }: Selection,
    private readonly onRecord: (record: LogRecord, line: Buffer) => void,
    private readonly onBroken?: (line: BrokenLine, bytes: Buffer | undefined) => void,
  ) {
    this.decoder = new Decoder(decoder);
    this.filter = compileFilter(filters);
    this.isInRange = rangeTest(range);
    this.namesObject = (filters.object ?? []).length > 0;
    const needle = needleOf(filters);
    this.search = needle === undefined ? undefined : new NeedleSearch(needle, this.isInRange);
  }

  /** Returns the tally and resets it. */
  takeTally(): Tally {
    const taken = this.tally;
    this.tally = newTally();
    return taken;
  }

  splitterOf(file: LogFile): LineSplitter {
    return new LineSplitter(file, this.lines);
  }

  private readBlock(block: Buffer, blockOffset: number, { name }: LogFile): void {
    const read = (line: Buffer, offset: number) => this.readLine(line, offset, name);
    if (this.search && !(this.namesObject && blockOffset === 0)) {
      const passed = this.search.forEachCandidate(block, blockOffset, read);
      this.tally.filtered += passed;
    } else {
      forEachLine(block, blockOffset, read);
    }
  }

  private readLine(line: Buffer, offset: number, file: string): void {
    const { isInRange } = this;
    const { findings } = this.decoder;
    const before = isInRange && findings.mark();
    const decoded = this.decoder.decode(line, file, offset);
    if (before && decoded.every(({ record }) => record && !isInRange(record.time))) {
      findings.returnTo(before);
    }
    for (const { record, broken } of decoded) {
      if (broken) {
        this.countBroken(broken, line);
        continue;
      }
      if (isInRange && !isInRange(record.time)) continue;
      const verdict = this.filter(record);
      this.tally[verdict] += 1;
      if (verdict !== "shown") continue;
      if (record.ambiguous !== null) this.tally.ambiguous += 1;
      this.onRecord(record, line);
    }
  }

  private countBroken(line: BrokenLine, bytes?: Buffer): void {
    this.onBroken?.(line, bytes);
    this.tally.broken += 1;
    keepBrokenLine(this.tally, line);
  }
}
