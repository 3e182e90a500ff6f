import { type Chunk, type Source, type TimeRange } from "./source";
import { followFiles } from "./follow-files";
import { findFiles, isCompressed, type LocalFile, readFileFrom } from "./local-files";

export interface FileSourceOptions {
  /** Files, and folders: the mounted container, a download of it, or any folder with files of the trail. */
  readonly paths: readonly string[];
  /** @default the clock */
  readonly now?: () => Date;
  /** Between two looks while following. @default 0.5 */
  readonly intervalSeconds?: number;
  /** Takes what the user should know, a line each. */
  readonly notice: (line: string) => void;
}

/** The trail in files of this machine, or on a mount of it. */
export class FileSource implements Source {
  constructor(private readonly options: FileSourceOptions) {}

  get description(): string {
    return this.options.paths.join(", ");
  }

  async *read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    for (const file of await findFiles(this.options.paths, range, signal)) {
      yield* readFileFrom(file, 0, signal);
    }
  }

  follow(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    const { paths, notice, now = () => new Date(), intervalSeconds = 0.5 } = this.options;
    const readBefore = range.since ? this.read(range, signal) : undefined;
    return followFiles({ paths, notice, now, intervalSeconds, readBefore, signal });
  }

  async localFiles(range: TimeRange): Promise<readonly LocalFile[] | undefined> {
    const files = await findFiles(this.options.paths, range);
    return files.some(isCompressed) ? undefined : files;
  }
}
