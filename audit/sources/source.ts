import type { TimeRange } from "../select/time-range";
import type { UnreadableFiles } from "./unreadable";

/** A file of the trail: a blob, a file on disk, or standard input. */
export interface LogFile {
  /** For people: a blob's name, a path, or `<stdin>`. */
  readonly name: string;
  /** Only of an uncompressed file on this machine: several threads may read ranges of it. */
  readonly path?: string;
}

/** A file that can be read on its own, at any time. */
export interface SourceFile extends LogFile {
  /**
   * @param fromByte a compressed file may be read from its start in spite of it. @default 0
   * @throws UnreadableFile
   */
  read(fromByte?: number): AsyncIterable<Chunk>;
}

/** Bytes of one file, in order; a line may continue in the next chunk. */
export interface Chunk {
  readonly file: LogFile;
  /** Position of the first byte in the file; 0 again after the file was replaced. */
  readonly offset: number;
  /** Valid until the next chunk is requested. */
  readonly bytes: Buffer;
}

/** Receives the last whole lines of the newest files; each begins at the start of a line. */
export type ShowRecent = (ends: readonly Chunk[]) => Promise<void>;

/** Where a trail comes from. */
export interface Source {
  /** For people: "container insights-logs-postgresqllogs of pgauditlogs…". */
  readonly description: string;
  /**
   * Reads all files of the range, oldest hour first, one after the other. Files of hours outside the range aren't
   * opened, and a file that can't be read doesn't end the reading. A file's last line may lack its line end if it is still being written.
   */
  read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk>;
  /**
   * Reads what is appended from now on, across hours, until the signal; with `since` or `all`, first what was written
   * since then, otherwise calls `showRecent` first. Says what it follows.
   * A file's first chunk begins at the start of a line; chunks of several files may alternate.
   * Undefined for a source that can't grow (standard input).
   */
  follow?(range: TimeRange, signal: AbortSignal, showRecent?: ShowRecent): AsyncIterable<Chunk>;
  /** The files that `read` would read, in the same order; undefined for a source that can be read only once. */
  files?(range: TimeRange, signal: AbortSignal): Promise<readonly SourceFile[]>;
  /** Whether files of hours before yesterday neither change nor appear. @default false */
  readonly isPastFinal?: boolean;
  /** The files that couldn't be read so far; the source has named them. Undefined if any such file ends the reading. */
  readonly unreadable?: UnreadableFiles;
}
