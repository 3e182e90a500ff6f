import type { BrokenLine } from "../record";
import type { Chunk, LogFile } from "../sources/source";
import { HeldBytes } from "./held-bytes";
import { JsonObjects } from "./json-objects";
import { afterByteOrderMark, hasLine, type LogFormat, logFormat, rowEnd } from "./log-format";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

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
  /** Receives a row of csvlog or an object of JSON, which may contain line ends, without its own line end. */
  readonly row: (bytes: Buffer, fileOffset: number, file: LogFile) => void;
  /** Receives a line that is longer than the limit. */
  readonly broken: (line: BrokenLine) => void;
  /** @default 64 MiB */
  readonly limitBytes?: number;
}

/**
 * Splits the chunks of one file into blocks of whole lines, into rows of csvlog, or into objects of JSON that may have
 * several lines. An incomplete last one is held until the next chunk completes it.
 */
export class LineSplitter {
  private format: LogFormat | undefined;
  private readonly held: HeldBytes;
  private readonly objects = new JsonObjects();

  constructor(
    private readonly file: LogFile,
    private readonly options: LineSplitterOptions,
  ) {
    this.held = new HeldBytes(options.limitBytes ?? LINE_LIMIT_BYTES);
  }

  /** Where the last whole line ends, in bytes. */
  get completeTo(): number {
    return this.held.offset;
  }

  push({ bytes, offset }: Chunk): void {
    if (offset !== this.held.end) this.restart(offset);
    this.format ??= this.formatOf(bytes);
    this.pushAs(this.format, bytes);
  }

  /** Passes on what is held: nothing follows that would complete it. */
  finish(): void {
    const { held, file } = this;
    if (held.length === 0) return;
    if (this.format === undefined) this.finishStart();
    if (held.tooLong) this.reportTooLong();
    else if (this.format === "csvlog") {
      this.pushRows(Buffer.alloc(0), true);
      if (held.length > 0) this.options.row(held.bytes, held.offset, file);
    } else if (this.format === "objects") {
      if (held.length > 0) this.options.row(held.bytes, held.offset, file);
      this.objects.reset();
    } else {
      const start = this.lineStart(held.bytes, held.offset);
      this.options.block(held.bytes.subarray(start), held.offset + start, file);
    }
    held.clear(held.end);
  }

  /** The file was replaced: what is held won't be completed. */
  private restart(offset: number): void {
    this.finish();
    this.format = undefined;
    this.objects.reset();
    this.held.clear(offset);
  }

  private pushAs(format: LogFormat | undefined, bytes: Buffer): void {
    if (format === undefined) this.held.add(bytes);
    else if (format === "csvlog") this.pushRows(bytes, false);
    else if (format === "objects") this.pushObjects(bytes);
    else this.pushLines(bytes);
  }

  /** Undefined until a line or ENOUGH_BYTES were read. */
  private formatOf(bytes: Buffer): LogFormat | undefined {
    const { held } = this;
    const start = held.length === 0 ? bytes : Buffer.concat([held.bytes, bytes]);
    if (start.length < ENOUGH_BYTES && !hasLine(start)) return undefined;
    const format = this.startFormat(start);
    if (format === "objects") this.pushHeldStart();
    return format;
  }

  /** Only from its start on a file is known to consist of objects: elsewhere they would be those of a broken line. */
  private startFormat(start: Buffer): LogFormat {
    const format = logFormat(start);
    return format === "objects" && this.held.offset > 0 ? "json" : format;
  }

  /** The file ends before its format was known. */
  private finishStart(): void {
    this.format = this.startFormat(this.held.bytes);
    if (this.format === "objects") this.pushHeldStart();
  }

  private pushHeldStart(): void {
    const { held } = this;
    const start = Buffer.from(held.bytes);
    held.clear(held.offset);
    this.pushObjects(start);
  }

  private reportTooLong(): void {
    const { held, file } = this;
    this.options.broken({
      file: file.name,
      file_offset: held.offset,
      length_bytes: held.length,
      reason: `the line is longer than ${this.options.limitBytes ?? LINE_LIMIT_BYTES} bytes`,
    });
  }

  private pushLines(bytes: Buffer): void {
    const { held } = this;
    const offset = held.end;
    let start = 0;
    if (held.length > 0) {
      start = lineEnd(bytes, 0) + 1;
      held.add(bytes.subarray(0, start));
      if (start > bytes.length) return;
      this.finish();
    } else {
      start = this.lineStart(bytes, offset);
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > start) this.options.block(bytes.subarray(start, end), offset + start, this.file);
    const rest = Math.max(start, end);
    held.clear(offset + rest);
    held.add(bytes.subarray(rest));
  }

  private pushRows(bytes: Buffer, isFileEnd: boolean): void {
    const { held } = this;
    if (held.tooLong) {
      // The end of a row can't be found without its beginning: the next line is read as a new row.
      const end = lineEnd(bytes, 0) + 1;
      held.add(bytes.subarray(0, end));
      if (end > bytes.length) return;
      this.finish();
      bytes = bytes.subarray(end);
    }
    const { offset } = held;
    const rows = held.length === 0 ? bytes : Buffer.concat([held.bytes, bytes]);
    let start = this.lineStart(rows, offset);
    for (let end = rowEnd(rows, start, isFileEnd); end >= 0; end = rowEnd(rows, start, isFileEnd)) {
      this.options.row(rows.subarray(start, end), offset + start, this.file);
      start = end + 1;
    }
    held.clear(offset + start);
    held.add(rows.subarray(start));
  }

  private pushObjects(bytes: Buffer): void {
    const { held } = this;
    const offset = held.end;
    let start = held.length > 0 ? 0 : -1;
    const firstByte = this.lineStart(bytes, offset);
    this.objects.scan(bytes, firstByte, {
      begin: (at) => (start = at),
      end: (at) => {
        this.passObject(bytes.subarray(start, at), offset + start);
        start = -1;
      },
    });
    if (start < 0) held.clear(offset + bytes.length);
    else {
      if (held.length === 0) held.clear(offset + start);
      held.add(bytes.subarray(start));
    }
  }

  /** @param rest the object, or what comes after the held part of it */
  private passObject(rest: Buffer, offset: number): void {
    const { held, file } = this;
    if (held.length === 0) {
      this.options.row(rest, offset, file);
      return;
    }
    held.add(rest);
    if (held.tooLong) this.reportTooLong();
    else this.options.row(held.bytes, held.offset, file);
    held.clear(held.end);
  }

  /** The bytes after the byte order mark, if these are the first of the file. */
  private lineStart(bytes: Buffer, fileOffset: number): number {
    return fileOffset === 0 ? afterByteOrderMark(bytes) : 0;
  }
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
