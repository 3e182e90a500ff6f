import { Decoder, type DecoderOptions } from "./decode/decoder";
import { compileFilter, type Filter, type FilterOptions } from "./select/filter";
import { forEachLine, LineSplitter, type LineSplitterOptions } from "./lines/line-splitter";
import { NeedleSearch, needleOf } from "./select/needle";
import { keepBrokenLine, newTally, type Tally } from "./output/record-output";
import { type BrokenLine, type LogRecord } from "./record";
import { type LogFile, type TimeRange } from "./sources/source";

/** What to read of a trail, and how; plain data, so that it goes from one thread to another. */
export interface Selection {
  readonly range: TimeRange;
  readonly filters: FilterOptions;
  readonly decoder: DecoderOptions;
}

/** Decodes the lines of files, counts what becomes of them, and hands on the records that are to be shown. */
export class RecordReader {
  tally: Tally = newTally();
  readonly decoder: Decoder;
  private readonly filter: Filter;
  private readonly search: NeedleSearch | undefined;
  private readonly lines: LineSplitterOptions = {
    block: (bytes, offset, file) => this.readBlock(bytes, offset, file),
    row: (bytes, offset, file) => this.readLine(bytes, offset, file.name),
    broken: (line) => this.countBroken(line),
  };

  /**
   * @param take gets each record to show, and its line, which is valid during the call only
   * @throws UserError for a filter or a time zone that can't be meant
   */
  constructor(
    { range, filters, decoder }: Selection,
    private readonly take: (record: LogRecord, line: Buffer) => void,
  ) {
    this.decoder = new Decoder(decoder);
    this.filter = compileFilter(filters, range);
    const needle = needleOf(filters);
    this.search = needle === undefined ? undefined : new NeedleSearch(needle);
  }

  /** What was counted so far; counting begins anew. */
  takeTally(): Tally {
    const taken = this.tally;
    this.tally = newTally();
    return taken;
  }

  /** Takes a file's chunks. */
  splitterOf(file: LogFile): LineSplitter {
    return new LineSplitter(file, this.lines);
  }

  private readBlock(block: Buffer, blockOffset: number, { name }: LogFile): void {
    const read = (line: Buffer, offset: number) => this.readLine(line, offset, name);
    if (this.search) {
      const passed = this.search.forEachCandidate(block, blockOffset, read);
      this.tally.filtered += passed;
    } else {
      forEachLine(block, blockOffset, read);
    }
  }

  private readLine(line: Buffer, offset: number, file: string): void {
    for (const { record, broken } of this.decoder.decode(line, file, offset)) {
      if (broken) {
        this.countBroken(broken);
        continue;
      }
      const verdict = this.filter(record);
      this.tally[verdict] += 1;
      if (verdict === "shown") this.take(record, line);
    }
  }

  private countBroken(line: BrokenLine): void {
    this.tally.broken += 1;
    keepBrokenLine(this.tally, line);
  }
}
