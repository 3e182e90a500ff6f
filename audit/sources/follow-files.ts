import * as fs from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Chunk } from "./source";
import { Availability, newBytes } from "./growth";
import { hourBlobName, hoursBetween, oldestGrowingHour, parseHourBlob } from "./hours";
import { codeOf, findFiles, isCompressed, type LocalFile, readFileFrom } from "./local-files";

/** A mounted container is listed only now and then: each folder of it is a request to the storage account. */
const LIST_MILLISECONDS = 30_000;
const TAIL_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;

export interface FollowFilesOptions {
  readonly paths: readonly string[];
  readonly now: () => Date;
  readonly intervalSeconds: number;
  /** Takes what the user should know, a line each. */
  readonly notice: (line: string) => void;
  /** What is read first; undefined: begin with what comes from now on. */
  readonly readBefore: AsyncIterable<Chunk> | undefined;
  readonly signal: AbortSignal;
}

/**
 * What is appended to the files, and to the blobs of the hours that come, until the signal. Each look opens a file
 * again: on a FUSE mount an open file keeps the length that it had, and nothing tells of changes.
 */
export async function* followFiles(options: FollowFilesOptions): AsyncIterable<Chunk> {
  const { intervalSeconds, readBefore, signal } = options;
  const files = new GrowingFiles(options);
  /** How much of each file, by path, was read or stood there before. */
  const offsets = new Map<string, number>();
  for (const file of await files.list()) {
    offsets.set(file.path, await lastLineStart(file.path));
  }
  for await (const chunk of readBefore ?? []) {
    yield chunk;
    if (chunk.file.path) offsets.set(chunk.file.path, chunk.offset + chunk.bytes.length);
  }
  const mount = new Availability(options.notice, {
    away: (reason) => `the files can't be read now (${reason}); waiting for them`,
    back: "the files can be read again",
  });
  while (!signal.aborted) {
    try {
      const lookedAt = options.now();
      for (const file of await files.list()) {
        const { name, path: key } = file;
        const length = await lengthOf(key);
        const read = (offset: number) => readFileFrom(file, offset, signal);
        yield* newBytes({ name, key, length, read }, offsets, options.notice);
      }
      files.wereReadAt(lookedAt);
      mount.isUp();
    } catch (error) {
      mount.isDown(error);
    }
    await delay(intervalSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}

/** The files that may grow: those that were found, and the blobs of the hours that come. */
class GrowingFiles {
  private listedAt = Number.NEGATIVE_INFINITY;
  private from: Date;
  private others: readonly LocalFile[] = [];
  /** The servers' folders in Azure's layout. */
  private readonly resources = new Set<string>();

  constructor(private readonly options: FollowFilesOptions) {
    this.from = oldestGrowingHour(options.now());
  }

  /** Oldest hour first. Blobs of this hour are named whether they are there or not. */
  async list(): Promise<LocalFile[]> {
    const now = this.options.now();
    const isMount = this.resources.size > 0;
    if (!isMount || now.getTime() - this.listedAt >= LIST_MILLISECONDS) await this.find(now);
    const blobs = hoursBetween(this.from, now).flatMap((hour) =>
      [...this.resources].map((resource) => localFile(hourBlobName({ resource, hour }))),
    );
    return [...this.others, ...blobs];
  }

  /** Hours that were not read, since the machine slept or the mount was away, stay in the list until then. */
  wereReadAt(time: Date): void {
    this.from = oldestGrowingHour(time);
  }

  private async find(now: Date): Promise<void> {
    const files = await findFiles(this.options.paths, { since: this.from }, this.options.signal);
    this.others = files.filter((file) => !isCompressed(file) && !parseHourBlob(file.path));
    for (const { path } of files) {
      const blob = parseHourBlob(path);
      if (blob) this.resources.add(blob.resource);
    }
    this.listedAt = now.getTime();
  }
}

const localFile = (path: string): LocalFile => ({ name: path, path });

/** In bytes; undefined where the file isn't there yet. */
async function lengthOf(path: string): Promise<number | undefined> {
  try {
    return (await fs.stat(path)).size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Where the last line begins if it isn't complete, else the end of the file. */
async function lastLineStart(path: string): Promise<number> {
  const fileLength = (await lengthOf(path)) ?? 0;
  if (fileLength === 0) return 0;
  const file = await fs.open(path);
  try {
    for (let end = fileLength; end > 0; end -= TAIL_BYTES) {
      const start = Math.max(0, end - TAIL_BYTES);
      const length = end - start;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
      const at = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
      if (at >= 0) return start + at + 1;
    }
    return 0;
  } finally {
    await file.close();
  }
}
