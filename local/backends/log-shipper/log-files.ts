import * as fs from "node:fs";
import * as path from "node:path";

/** How far a folder of log files has been read. */
export interface LogPosition {
  /** Name of the file that is being read; file names sort by time. */
  readonly file: string;
  /** In bytes, at the start of a line. */
  readonly offset: number;
}

export interface LogChunk {
  readonly lines: readonly string[];
  /** Where the next read starts. */
  readonly position: LogPosition;
  /** Why lines before these may be missing: a log file that was removed, cut or replaced. */
  readonly problem?: string;
}

const CHUNK_BYTES = 2 * 1024 * 1024;
const LINE_END = 0x0a;

/** The next complete lines after a position; at the end of a file, reading continues in the next one. */
export function readLogChunk(
  folder: string,
  position: LogPosition | undefined,
): LogChunk | undefined {
  const files = jsonFiles(folder).filter((file) => position === undefined || file >= position.file);
  const [first] = files;
  let problem =
    position !== undefined && first !== undefined && first !== position.file
      ? `${path.join(folder, position.file)} was removed; PostgreSQL writes on to it until its log rotates.`
      : undefined;
  for (const file of files) {
    let offset = file === position?.file ? position.offset : 0;
    const descriptor = fs.openSync(path.join(folder, file), "r");
    try {
      if (!isLineStart(descriptor, offset)) {
        problem = `${path.join(folder, file)} was cut or replaced while it was read.`;
        offset = 0;
      }
      const bytes = readWholeLines(descriptor, offset);
      if (bytes.length > 0) {
        const found = { lines: linesOf(bytes), position: { file, offset: offset + bytes.length } };
        return problem === undefined ? found : { ...found, problem };
      }
    } finally {
      fs.closeSync(descriptor);
    }
  }
  return undefined;
}

/** Where the log ends now; undefined without a file. */
export function logEnd(folder: string): LogPosition | undefined {
  const file = jsonFiles(folder).at(-1);
  const stat = file && fs.statSync(path.join(folder, file), { throwIfNoEntry: false });
  return stat ? { file, offset: stat.size } : undefined;
}

export const isBefore = (position: LogPosition | undefined, end: LogPosition): boolean =>
  position === undefined ||
  position.file < end.file ||
  (position.file === end.file && position.offset < end.offset);

/**
 * The lines of an earlier chunk again.
 * @param before where that chunk's read started
 * @param end its position
 * @returns undefined if they are no longer there
 */
export function readLogAgain(
  folder: string,
  before: LogPosition | undefined,
  end: LogPosition,
): readonly string[] | undefined {
  const file = path.join(folder, end.file);
  // After a cut, the chunk began at the start of the same file.
  const start = before?.file === end.file && before.offset <= end.offset ? before.offset : 0;
  if (!fs.existsSync(file)) return undefined;
  const descriptor = fs.openSync(file, "r");
  try {
    if (!isLineStart(descriptor, start) || !isLineStart(descriptor, end.offset)) return undefined;
    return linesOf(readBytes(descriptor, start, end.offset - start));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Deletes the files before the one with the position. */
export function removeReadFiles(folder: string, position: LogPosition): void {
  for (const file of jsonFiles(folder)) {
    if (file < position.file) fs.rmSync(path.join(folder, file));
  }
}

const jsonFiles = (folder: string): string[] =>
  fs.existsSync(folder)
    ? fs
        .readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .sort()
    : [];

const linesOf = (bytes: Buffer): string[] => bytes.toString("utf8").split("\n").slice(0, -1);

/** Whether an offset is the start of a line in this file. */
function isLineStart(descriptor: number, offset: number): boolean {
  return offset === 0 || readBytes(descriptor, offset - 1, 1)[0] === LINE_END;
}

/** Bytes from an offset up to the last line end; more than a chunk only if a line is longer. */
function readWholeLines(descriptor: number, offset: number): Buffer {
  const size = fs.fstatSync(descriptor).size;
  for (let length = CHUNK_BYTES; ; length *= 2) {
    const bytes = readBytes(descriptor, offset, Math.min(length, size - offset));
    const end = bytes.lastIndexOf("\n") + 1;
    if (end > 0 || offset + bytes.length >= size || bytes.length < length) {
      return bytes.subarray(0, end);
    }
  }
}

/** Fewer bytes at the end of the file. */
function readBytes(descriptor: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, length));
  return buffer.subarray(0, fs.readSync(descriptor, buffer, 0, buffer.length, offset));
}
