import * as fs from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Notify } from "../../common/notify";
import type { TimeRange } from "../select/time-range";
import { follow, type GrowingFile, type GrowingFiles } from "./growth";
import { hourBlobName, hoursBetween, oldestGrowingHour, parseHourBlob, serverName } from "./hours";
import {
  errorCode,
  findFiles,
  isCompressed,
  LINE_FEED,
  type LocalFile,
  readAt,
  readLocalFile,
} from "./local-files";
import type { Chunk, Source, SourceFile } from "./source";

/** A mounted container is listed only this often: each of its folders is a request to the storage account. */
const LIST_INTERVAL_MILLISECONDS = 30_000;
const TAIL_BYTES = 64 * 1024;

export interface FileSourceOptions {
  /** Files and folders: the mounted container, a download of it, or any folder with files of the trail. */
  readonly paths: readonly string[];
  /** Whether to read a server's folder in Azure's layout, by the server's name. @default all */
  readonly isServerWanted?: (name: string) => boolean;
  /** @default the clock */
  readonly now?: () => Date;
  /** Between two polls while following. @default 0.5 */
  readonly intervalSeconds?: number;
  readonly notify: Notify;
}

/** The trail in files of this machine, or on a mount. */
export class FileSource implements Source {
  constructor(private readonly options: FileSourceOptions) {}

  get description(): string {
    return this.options.paths.join(", ");
  }

  async *read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    for (const file of await this.files(range, signal)) yield* file.read();
  }

  async files(range: TimeRange, signal?: AbortSignal): Promise<readonly SourceFile[]> {
    const files = await this.find(range, signal);
    return files.map((file) => ({
      ...file,
      read: (fromByte) => readLocalFile(file, { fromByte, signal }),
    }));
  }

  follow(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    const { paths, notify, now = () => new Date(), intervalSeconds = 0.5 } = this.options;
    return follow({
      files: new GrowingLocalFiles(paths, now, signal),
      readBefore: range.since ? this.read(range, signal) : undefined,
      isTransient: () => true,
      unavailable: (reason) => `the files can't be read now (${reason}); waiting for them`,
      availableAgain: "the files can be read again",
      ...{ intervalSeconds, now, notify, signal },
    });
  }

  async localFiles(range: TimeRange): Promise<readonly LocalFile[] | undefined> {
    const files = await this.find(range);
    return files.some(isCompressed) ? undefined : files;
  }

  private async find(range: TimeRange, signal?: AbortSignal): Promise<readonly LocalFile[]> {
    const { paths, isServerWanted } = this.options;
    const files = await findFiles(paths, range, signal);
    if (!isServerWanted) return files;
    return files.filter(({ path }) => {
      const name = serverName(parseHourBlob(path)?.resource ?? "");
      return name === undefined || isServerWanted(name);
    });
  }
}

/** The files that were found, and the blobs of the current hours, which may not exist yet. */
class GrowingLocalFiles implements GrowingFiles {
  private listedAt = Number.NEGATIVE_INFINITY;
  private from: Date;
  private others: readonly LocalFile[] = [];
  /** The servers' folders in Azure's layout. */
  private readonly resources = new Set<string>();

  constructor(
    private readonly paths: readonly string[],
    private readonly now: () => Date,
    private readonly signal: AbortSignal,
  ) {
    this.from = oldestGrowingHour(now());
  }

  async list(): Promise<GrowingFile[]> {
    const now = this.now();
    const isMount = this.resources.size > 0;
    if (!isMount || now.getTime() - this.listedAt >= LIST_INTERVAL_MILLISECONDS) {
      await this.find(now);
    }
    const blobs = hoursBetween(this.from, now).flatMap((hour) =>
      [...this.resources].map((resource) => hourBlobName({ resource, hour })),
    );
    return [...this.others.map(({ path }) => path), ...blobs].map((path) => this.growing(path));
  }

  /** Hours that weren't read, because the machine slept or the mount was away, stay in the list. */
  wereReadAt(time: Date): void {
    this.from = oldestGrowingHour(time);
  }

  private async find(now: Date): Promise<void> {
    const files = await findFiles(this.paths, { since: this.from }, this.signal);
    this.others = files.filter((file) => !isCompressed(file) && !parseHourBlob(file.path));
    for (const { path } of files) {
      const blob = parseHourBlob(path);
      if (blob) this.resources.add(blob.resource);
    }
    this.listedAt = now.getTime();
  }

  /** Each read opens the file again: on a FUSE mount an open file keeps its length, and changes aren't reported. */
  private growing(path: string): GrowingFile {
    return {
      name: path,
      length: () => fileLength(path),
      start: () => lastLineStart(path),
      read: (fromByte) => readLocalFile({ name: path, path }, { fromByte, signal: this.signal }),
    };
  }
}

/** In bytes; undefined if the file doesn't exist. */
async function fileLength(path: string): Promise<number | undefined> {
  try {
    return (await fs.stat(path)).size;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The start of the last line if it is incomplete, otherwise the end of the file. */
async function lastLineStart(path: string): Promise<number> {
  const length = (await fileLength(path)) ?? 0;
  if (length === 0) return 0;
  const file = await fs.open(path);
  const tail = Buffer.alloc(TAIL_BYTES);
  try {
    for (let end = length; end > 0; end -= TAIL_BYTES) {
      const start = Math.max(0, end - TAIL_BYTES);
      const at = (await readAt(file, start, tail.subarray(0, end - start))).lastIndexOf(LINE_FEED);
      if (at >= 0) return start + at + 1;
    }
    return 0;
  } finally {
    await file.close();
  }
}

/** The trail from standard input, up to its end; a time range doesn't shorten the reading. */
export class StdinSource implements Source {
  readonly description = "standard input";

  constructor(private readonly input: Readable = process.stdin) {}

  async *read(_range: unknown, signal: AbortSignal): AsyncIterable<Chunk> {
    const file = { name: "<stdin>" };
    let offset = 0;
    const stop = () => this.input.destroy();
    signal.addEventListener("abort", stop, { once: true });
    try {
      for await (const bytes of this.input as AsyncIterable<Buffer>) {
        yield { file, offset, bytes };
        offset += bytes.length;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }
}
