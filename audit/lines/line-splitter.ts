import type { BrokenLine } from "../record";
import type { Chunk, LogFile } from "../sources/source";
import { type LogFormat, logFormat, rowEnd } from "./log-format";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A longer line is reported as broken and not kept in memory; pgAudit's longest statements are far shorter. */
const LINE_LIMIT_BYTES = 64 * 1024 ** 2;

/** The format is determined from the first line, or from this number of bytes. */
const ENOUGH_BYTES = 4096;

export interface LineSplitterOptions {
  /**
   * Receives whole lines of JSON with their line ends (the file's last line may lack it), and their offset in the file.
   * The bytes are valid during the call only.
   */
  readonly block: (bytes: Buffer, fileOffset: number, file: LogFile) => void;
  /** Receives a row of csvlog, which may contain line ends, without its own line end. */
  readonly row: (bytes: Buffer, fileOffset: number, file: LogFile) => void;
  /** Receives a line that is longer than the limit. */
  readonly broken: (line: BrokenLine) => void;
  /** @default 64 MiB */
  readonly limitBytes?: number;
}

/**
 * Splits the chunks of one file into blocks of whole lines, or into rows of csvlog. An incomplete last line is held until
 * the next chunk completes it.
 */
export class LineSplitter {
  private format: LogFormat | undefined;
  /** The beginning of an incomplete line, in the first `heldBytes` of the buffer. */
  private held = Buffer.alloc(0);
  private heldBytes = 0;
  /** Where the held line begins in the file. */
  private heldOffset = 0;
  /** Whether the held line exceeds the limit: its bytes are counted, not kept. */
  private tooLong = false;
  private readonly limitBytes: number;

  constructor(
    private readonly file: LogFile,
    private readonly options: LineSplitterOptions,
  ) {
    this.limitBytes = options.limitBytes ?? LINE_LIMIT_BYTES;
  }

  /** Where the last whole line ends, in bytes. */
  get completeTo(): number {
    return this.heldOffset;
  }

  push({ bytes, offset }: Chunk): void {
    // The file was replaced: the held line won't be completed.
    if (this.heldBytes > 0 && offset !== this.heldOffset + this.heldBytes) this.finish();
    if (this.heldBytes === 0) this.heldOffset = offset;
    this.format ??= this.formatOf(bytes);
    if (this.format === undefined) this.hold(bytes);
    else if (this.format === "csvlog") this.pushRows(bytes, false);
    else this.pushLines(bytes);
  }

  /** Passes on the held line: nothing follows that would complete it. */
  finish(): void {
    const { heldBytes, heldOffset, file } = this;
    if (heldBytes === 0) return;
    if (this.tooLong) {
      this.tooLong = false;
      this.options.broken({
        file: file.name,
        file_offset: heldOffset,
        length_bytes: heldBytes,
        reason: `the line is longer than ${this.limitBytes} bytes`,
      });
    } else if (this.format === "csvlog") {
      this.pushRows(Buffer.alloc(0), true);
      if (this.heldBytes > 0) this.options.row(this.heldLine(), this.heldOffset, file);
    } else {
      const start = afterByteOrderMark(this.heldLine(), heldOffset);
      this.options.block(this.heldLine().subarray(start), heldOffset + start, file);
    }
    this.heldOffset += this.heldBytes;
    this.heldBytes = 0;
  }

  /** Undefined until a line or ENOUGH_BYTES were read. */
  private formatOf(bytes: Buffer): LogFormat | undefined {
    const start = this.heldBytes === 0 ? bytes : Buffer.concat([this.heldLine(), bytes]);
    if (start.length < ENOUGH_BYTES && !start.includes(LINE_FEED)) return undefined;
    return logFormat(start.subarray(afterByteOrderMark(start, this.heldOffset)));
  }

  private pushLines(bytes: Buffer): void {
    const offset = this.heldOffset + this.heldBytes;
    let start = 0;
    if (this.heldBytes > 0) {
      start = lineEnd(bytes, 0) + 1;
      this.hold(bytes.subarray(0, start));
      if (start > bytes.length) return;
      this.finish();
    } else {
      start = afterByteOrderMark(bytes, offset);
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > start) this.options.block(bytes.subarray(start, end), offset + start, this.file);
    const rest = Math.max(start, end);
    this.heldOffset = offset + rest;
    this.hold(bytes.subarray(rest));
  }

  private pushRows(bytes: Buffer, isFileEnd: boolean): void {
    if (this.tooLong) {
      // The end of a row can't be found without its beginning: the next line is read as a new row.
      const end = lineEnd(bytes, 0) + 1;
      this.hold(bytes.subarray(0, end));
      if (end > bytes.length) return;
      this.finish();
      bytes = bytes.subarray(end);
    }
    const offset = this.heldOffset;
    const rows = this.heldBytes === 0 ? bytes : Buffer.concat([this.heldLine(), bytes]);
    let start = afterByteOrderMark(rows, offset);
    for (let end = rowEnd(rows, start, isFileEnd); end >= 0; end = rowEnd(rows, start, isFileEnd)) {
      this.options.row(rows.subarray(start, end), offset + start, this.file);
      start = end + 1;
    }
    this.heldBytes = 0;
    this.heldOffset = offset + start;
    this.hold(rows.subarray(start));
  }

  private heldLine(): Buffer {
    return this.held.subarray(0, this.heldBytes);
  }

  private hold(bytes: Buffer): void {
    const total = this.heldBytes + bytes.length;
    this.tooLong ||= total > this.limitBytes;
    if (this.tooLong) {
      this.held = Buffer.alloc(0);
    } else {
      if (total > this.held.length) this.grow(total);
      bytes.copy(this.held, this.heldBytes);
    }
    this.heldBytes = total;
  }

  private grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(bytes, this.held.length * 2));
    this.held.copy(grown, 0, 0, this.heldBytes);
    this.held = grown;
  }
}

function afterByteOrderMark(bytes: Buffer, fileOffset: number): number {
  const length = BYTE_ORDER_MARK.length;
  return fileOffset === 0 && bytes.subarray(0, length).equals(BYTE_ORDER_MARK) ? length : 0;
}

/** Calls `line` for each line of a block, without its line end, LF or CRLF. */
export function forEachLine(
  block: Buffer,
  fileOffset: number,
  line: (bytes: Buffer, fileOffset: number) => void,
): void {
  for (let start = 0; start < block.length;) {
    const end = lineEnd(block, start);
    line(block.subarray(start, withoutReturn(block, start, end)), fileOffset + start);
    start = end + 1;
  }
}

/** The index of the line feed of the line that begins at `start`, or the block's end. */
export function lineEnd(block: Buffer, start: number): number {
  const end = block.indexOf(LINE_FEED, start);
  return end < 0 ? block.length : end;
}

/** The end of the line without the carriage return of a CRLF. */
export function withoutReturn(block: Buffer, start: number, end: number): number {
  return end > start && block[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}
