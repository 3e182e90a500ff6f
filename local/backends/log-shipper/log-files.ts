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
}

const CHUNK_BYTES = 1024 * 1024;

/** The next complete lines after a position; at the end of a file, reading continues in the next one. */
export function readLogChunk(
  folder: string,
  position: LogPosition | undefined,
): LogChunk | undefined {
  const files = jsonFiles(folder).filter((file) => position === undefined || file >= position.file);
  for (const file of files) {
    const offset = file === position?.file ? position.offset : 0;
    const text = readWholeLines(path.join(folder, file), offset);
    if (text.length > 0) {
      const lines = text.toString("utf8").split("\n").slice(0, -1);
      return { lines, position: { file, offset: offset + text.length } };
    }
  }
  return undefined;
}

/** Deletes the files before the one that is being read. */
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

/** Bytes from an offset up to the last line end; more than a chunk only if a line is longer. */
function readWholeLines(file: string, offset: number): Buffer {
  const descriptor = fs.openSync(file, "r");
  try {
    const size = fs.fstatSync(descriptor).size;
    for (let length = CHUNK_BYTES; ; length *= 2) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      const read = fs.readSync(descriptor, buffer, 0, buffer.length, offset);
      const end = buffer.subarray(0, read).lastIndexOf("\n") + 1;
      if (end > 0 || offset + read >= size) return buffer.subarray(0, end);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}
