/** A file of the trail: a blob, a file on disk, or standard input. */
export interface LogFile {
  /** As it is shown: a blob's name, a path, or `<stdin>`. */
  readonly name: string;
  /** Where it is a file on this machine: ranges of it may be read side by side. */
  readonly path?: string;
}

/** Bytes of one file, in order; lines may go over from one chunk to the next. */
export interface Chunk {
  readonly file: LogFile;
  /** Of the first byte, in the file; 0 again where the file was replaced by a shorter one. */
  readonly offset: number;
  /** Valid until the next chunk is asked for. */
  readonly bytes: Buffer;
}

/** The span of time that is asked for. */
export interface TimeRange {
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

/** Where a trail comes from. */
export interface Source {
  /** For people: "container insights-logs-postgresqllogs of pgauditlogs…". */
  readonly description: string;
  /**
   * All that stands in the range, oldest hour first, file after file. Files whose hour lies outside aren't opened.
   * A file's last line may lack its line end: its writer is not done with it.
   */
  read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk>;
  /**
   * What is appended from now on, across hours, until the signal; with `since`, what stands there since then comes
   * first. A file's first chunk begins at the start of a line; chunks of several files may alternate.
   * Undefined where nothing grows (standard input).
   */
  follow?(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk>;
  /**
   * The files that `read` would read, in its order, where all of them lie on this machine as they are (not compressed),
   * so that threads may read ranges of them; else undefined.
   */
  localFiles?(range: TimeRange): Promise<readonly LogFile[] | undefined>;
}
