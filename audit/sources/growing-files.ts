import type { Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { UserError } from "../../common/user-error";
import { terminalText } from "../output/terminal-text";
import type { FoundFiles } from "./find-files";
import {
  type FileState,
  type GrowingFile,
  type GrowingFiles,
  NEWEST_FILES,
  NEWEST_MILLISECONDS,
} from "./growth";
import { hourBlobName, hoursBetween, oldestGrowingHour, parseHourBlob } from "./hours";
import { type LocalFile, readLocalFile, readRange } from "./local-files";
import { errorCode, unreadable, UnreadableFile } from "./unreadable";

/** A mounted container is listed only this often: each of its folders is a request to the storage account. */
const LIST_INTERVAL_MILLISECONDS = 30_000;
/** Files that a log rotation renamed or compressed: `a.log.1`, `a.log.gz`. They were read under their first names. */
const ROTATED = /\.(?:(?:json|jsonl|ndjson|csv|log)[.-]\d+|gz|zst)$/i;

export interface GrowingLocalFilesOptions {
  readonly paths: readonly string[];
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Finds the files since a time. */
  readonly find: (since: Date) => Promise<FoundFiles>;
}

/** The files that were found, and the blobs of the current hours, which may not exist yet. */
export class GrowingLocalFiles implements GrowingFiles {
  /** The servers' folders in Azure's layout. */
  readonly resources = new Set<string>();
  /** Files outside that layout. */
  others: readonly LocalFile[] = [];
  private found: readonly LocalFile[] = [];
  private listedAt = Number.NEGATIVE_INFINITY;
  private from: Date;

  constructor(private readonly options: GrowingLocalFilesOptions) {
    this.from = oldestGrowingHour(options.now());
  }

  async list(): Promise<GrowingFile[]> {
    const now = this.options.now();
    const isMount = this.resources.size > 0;
    if (!isMount || now.getTime() - this.listedAt >= LIST_INTERVAL_MILLISECONDS) {
      await this.find(now);
      this.listedAt = now.getTime();
    }
    const blobs = hoursBetween(this.from, now).flatMap((hour) =>
      [...this.resources].map((resource) => hourBlobName({ resource, hour })),
    );
    return [...this.others.map(({ path }) => path), ...blobs].map((path) => this.growing(path));
  }

  async newest(): Promise<GrowingFile[]> {
    await this.list();
    const times = await Promise.all(
      this.found.map(async ({ path }) => ({ path, time: (await statsOf(path))?.mtimeMs ?? 0 })),
    );
    const newest = times.sort((a, b) => a.time - b.time).slice(-NEWEST_FILES);
    return newest.map(({ path }) => this.growing(path));
  }

  /** Hours that weren't read, because the machine slept or the mount was away, stay in the list. */
  wereReadAt(time: Date): void {
    this.from = oldestGrowingHour(time);
  }

  /** @throws UserError if a given path can't be read now: its mount may be away */
  private async find(now: Date): Promise<void> {
    const { paths } = this.options;
    const isFirst = this.listedAt === Number.NEGATIVE_INFINITY;
    const since = isFirst ? new Date(now.getTime() - NEWEST_MILLISECONDS) : this.from;
    const found = await this.options.find(since);
    const away = found.problems.find(({ file }) => paths.includes(file));
    if (away) throw new UnreadableFile(away.file, away.reason);
    this.found = found.files.filter(({ path }) => paths.includes(path) || !ROTATED.test(path));
    this.others = this.found.filter((file) => !parseHourBlob(file.path));
    for (const { path } of this.found) {
      const blob = parseHourBlob(path);
      if (blob) this.resources.add(blob.resource);
    }
  }

  /** Each read opens the file again: on a FUSE mount an open file keeps its length, and changes aren't reported. */
  private growing(path: string): GrowingFile {
    return {
      name: path,
      state: () => fileState(path),
      part: async (fromByte, toByte) => {
        try {
          return await readRange(path, fromByte, toByte);
        } catch (error) {
          throw unreadable(error, path);
        }
      },
      read: (fromByte) =>
        readLocalFile({ name: path, path }, { fromByte, signal: this.options.signal }),
    };
  }
}

/** Undefined if the file doesn't exist. */
async function fileState(path: string): Promise<FileState | undefined> {
  const stats = await statsOf(path);
  if (!stats) return undefined;
  const { size, dev, ino, mtimeMs, ctimeMs } = stats;
  return { length: size, version: [size, dev, ino, mtimeMs, ctimeMs].join(" ") };
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await fs.stat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw unreadable(error, path);
  }
}

/** @throws UserError for a path that can't grow */
export async function checkCanGrow(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const stats = await statsOf(path);
    if (stats && !stats.isFile() && !stats.isDirectory()) {
      throw new UserError(
        `${terminalText(path)} is neither a file nor a folder, so it can't be followed; leave out --follow.`,
      );
    }
  }
}
