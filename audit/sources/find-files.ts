import type { Dirent, Stats } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { UserError } from "../../common/user-error";
import { looksLikeTrail } from "../lines/log-format";
import { terminalText } from "../output/terminal-text";
import type { TimeRange } from "../select/time-range";
import { compareHourBlobs, folderMayContain, type HourBlob, parseHourBlob } from "./hours";
import { firstBytes, type LocalFile } from "./local-files";
import { errorCode, type FileProblem, unreadable, UnreadableFile } from "./unreadable";

export interface FoundFiles {
  readonly files: readonly LocalFile[];
  readonly problems: readonly FileProblem[];
  /** Below folders: files that are no trail by their names and first bytes. */
  readonly others: readonly string[];
  /** Below folders: links to folders, which could lead in a circle. */
  readonly linkedFolders: readonly string[];
}

/** Compressed files are recognised by their first bytes; here only what is before these endings counts. */
const COMPRESSED = /\.(?:gz|zst)$/i;
/** Blobs, PostgreSQL's jsonlog and csvlog; also with the number or date that logrotate appends. */
const TRAIL_NAME = /\.(?:json|jsonl|ndjson|csv|log)(?:[.-]\d+)?$/i;
/** `PT1H` and `notes.txt`: the first bytes decide. */
const POSSIBLE_NAME = /^[^.]+(?:\.txt)?$|\.txt$/i;
const FIRST_BYTES = 4096;

/**
 * Finds the given files and all files below the given folders: of a folder first the files outside Azure's layout in
 * the order of their names, then the blobs hour by hour. Folders of hours outside the range aren't opened.
 * @throws UserError if a given path doesn't exist
 */
export async function findFiles(
  paths: readonly string[],
  range: TimeRange,
  signal?: AbortSignal,
): Promise<FoundFiles> {
  const search = new FileSearch(range, signal);
  for (const given of paths) await search.addGiven(given);
  return search;
}

class FileSearch implements FoundFiles {
  readonly files: LocalFile[] = [];
  readonly problems: FileProblem[] = [];
  readonly others: string[] = [];
  readonly linkedFolders: string[] = [];

  constructor(
    private readonly range: TimeRange,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async addGiven(given: string): Promise<void> {
    const stats = await this.stats(given, true);
    if (stats?.isDirectory()) {
      const found: string[] = [];
      await this.addFolder(given, found);
      this.files.push(...inOrder(found));
    } else if (stats) {
      this.files.push({ name: given, path: given });
    }
  }

  private async addFolder(folder: string, found: string[]): Promise<void> {
    this.signal?.throwIfAborted();
    let entries: Dirent[];
    try {
      entries = await fs.readdir(folder, { withFileTypes: true });
    } catch (error) {
      this.addProblem(error, folder);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      await this.addEntry(path.join(folder, entry.name), entry, found);
    }
  }

  private async addEntry(file: string, entry: Dirent, found: string[]): Promise<void> {
    if (entry.isDirectory()) {
      if (folderMayContain(file, this.range)) await this.addFolder(file, found);
      return;
    }
    const name = entry.name.replace(COMPRESSED, "");
    const isLikely = TRAIL_NAME.test(name);
    if (entry.isSymbolicLink()) {
      if ((await fs.stat(file).catch(() => undefined))?.isDirectory()) {
        this.linkedFolders.push(file);
        return;
      }
    }
    if (!isLikely && !POSSIBLE_NAME.test(name)) {
      this.others.push(file);
      return;
    }
    const stats = await this.statsOf(file, entry);
    if (!stats) return;
    if (!stats.isFile()) {
      const reason = "it is a FIFO, a socket or a device, which is only read if it is given itself";
      this.problems.push({ file, reason });
    } else if (isLikely || (await this.beginsAsTrail(file))) {
      found.push(file);
    } else {
      this.others.push(file);
    }
  }

  /** Of a link, its target's; undefined, and a problem, if there is none. */
  private async statsOf(file: string, entry: Dirent): Promise<Dirent | Stats | undefined> {
    return entry.isSymbolicLink() ? this.stats(file, false) : entry;
  }

  private async stats(file: string, isGiven: boolean): Promise<Stats | undefined> {
    try {
      return await fs.stat(file);
    } catch (error) {
      if (isGiven && errorCode(error) === "ENOENT") throw missing(file);
      this.addProblem(error, file);
      return undefined;
    }
  }

  private async beginsAsTrail(file: string): Promise<boolean> {
    try {
      return looksLikeTrail(await firstBytes({ name: file, path: file }, FIRST_BYTES));
    } catch {
      // The reading reports it.
      return true;
    }
  }

  private addProblem(error: unknown, file: string): void {
    const problem = unreadable(error, file);
    if (!(problem instanceof UnreadableFile)) throw problem;
    this.problems.push({ file, reason: problem.reason });
  }
}

const missing = (file: string): UserError =>
  new UserError(
    `${terminalText(file)}: there is no such file or folder. Give files of the trail, or a folder with such files: the mounted container or a download of it.`,
  );

function inOrder(paths: readonly string[]): LocalFile[] {
  const others: LocalFile[] = [];
  const hours: (HourBlob & LocalFile)[] = [];
  for (const file of paths) {
    const blob = parseHourBlob(file);
    if (blob) hours.push({ ...blob, name: file, path: file });
    else others.push({ name: file, path: file });
  }
  hours.sort(compareHourBlobs);
  return [...others, ...hours.map(({ name, path }) => ({ name, path }))];
}
