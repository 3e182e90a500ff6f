import { setTimeout as delay } from "node:timers/promises";
import type { Notify } from "../../common/notify";
import { logFormat } from "../lines/log-format";
import { terminalText } from "../output/terminal-text";
import { compressionOf } from "./compression";
import { LINE_FEED } from "./local-files";
import type { Chunk, ShowRecent } from "./source";

/** What is known of a file without reading it. */
export interface FileState {
  /** In bytes. */
  readonly length: number;
  /** Changes with every change of the file; it may change without one. */
  readonly version: string;
  /** When the file was created; undefined if that isn't known for certain. */
  readonly created?: number;
}

/** A file or blob that may grow. */
export interface GrowingFile {
  readonly name: string;
  /** Undefined while the file doesn't exist. */
  state(): Promise<FileState | undefined>;
  /** A part of the file; at its end less than was asked for. */
  part(fromByte: number, toByte: number): Promise<Buffer>;
  read(offset: number): AsyncIterable<Chunk>;
}

/** The files of a trail that may grow. */
export interface GrowingFiles {
  /** Oldest hour first; files of the current hours are listed before they exist. */
  list(): Promise<readonly GrowingFile[]>;
  /** At most NEWEST_FILES, newest last; also of earlier hours. */
  newest(): Promise<readonly GrowingFile[]>;
  /** Called with the time of a poll after the listed files were read: their older hours don't grow any more. */
  wereReadAt(time: Date): void;
}

export interface Following {
  readonly files: GrowingFiles;
  /** Is read first; undefined: begin with what is appended from now on. */
  readonly readBefore: AsyncIterable<Chunk> | undefined;
  /** Without `readBefore` receives the last whole lines of the newest files. */
  readonly showRecent?: ShowRecent;
  readonly intervalSeconds: number;
  readonly now: () => Date;
  /** Whether the error may disappear by itself; any other error ends the following. */
  readonly isTransient: (error: unknown) => boolean;
  /** Whether other files may be readable in spite of the error of one. */
  readonly concernsOneFile: (error: unknown) => boolean;
  readonly unavailable: (reason: string) => string;
  readonly availableAgain: string;
  readonly notify: Notify;
  readonly signal: AbortSignal;
}

/** Following begins with the last records of this number of files, of the last day. */
export const NEWEST_FILES = 16;
export const NEWEST_MILLISECONDS = 24 * 3_600_000;

/** Enough to distinguish files, as each record has a time with milliseconds. */
const HEAD_BYTES = 1024;
const TAIL_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * A storage that was killed may come back without its last seconds, which are then written again, the same bytes: Azurite
 * does so on local Azure. Azure's storage loses nothing.
 */
const LOST_END_MILLISECONDS = 30_000;

/** How far a file was read, or existed before. */
interface Progress {
  offset: number;
  /** Its first bytes, at most HEAD_BYTES: other ones are those of another file. */
  head: Buffer;
  created?: number;
  /** When the file was first seen without its end. */
  shorterSince?: number;
  /** Undefined until the file was read up to this version. */
  version?: string;
}

/** Polls the files and reads what was appended, until the signal. */
export async function* follow(following: Following): AsyncIterable<Chunk> {
  yield* new Follower(following).run();
}

class Follower {
  private readonly progress = new Map<string, Progress>();
  /** Files that can't be read now; they are polled until they can be, even if they are listed no more. */
  private readonly failing = new Map<string, GrowingFile>();
  /** Files whose existing lines aren't to be read, but couldn't be skipped yet. */
  private readonly unskipped = new Set<string>();
  private isAvailable = true;

  constructor(private readonly following: Following) {}

  async *run(): AsyncIterable<Chunk> {
    const { signal, intervalSeconds } = this.following;
    yield* this.begin();
    while (!signal.aborted) {
      try {
        yield* this.poll();
      } catch (error) {
        if (signal.aborted) return;
        if (!this.following.isTransient(error)) throw error;
        if (this.isAvailable) this.following.notify(this.following.unavailable(messageOf(error)));
        this.isAvailable = false;
      }
      await delay(intervalSeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  private async *begin(): AsyncIterable<Chunk> {
    const { files, readBefore, showRecent, signal } = this.following;
    const ends: Chunk[] = [];
    if (!readBefore && showRecent) {
      for (const file of await files.newest()) {
        await this.attempt(file, async () => ends.push(...(await this.skip(file))));
      }
    }
    for (const file of await files.list()) {
      if (!this.progress.has(file.name)) await this.attempt(file, () => this.skip(file));
    }
    if (!readBefore) await showRecent?.(ends);
    for await (const chunk of readBefore ?? []) {
      yield chunk;
      this.wasRead(chunk);
      if (signal.aborted) return;
    }
    if (readBefore) this.unskipped.clear();
  }

  private async *poll(): AsyncIterable<Chunk> {
    const { following, failing } = this;
    const polledAt = following.now();
    const files = new Map((await following.files.list()).map((file) => [file.name, file]));
    for (const [name, file] of failing) if (!files.has(name)) files.set(name, file);
    const failures = new Map<GrowingFile, unknown>();
    for (const file of files.values()) {
      try {
        yield* this.newBytes(file);
        if (failing.delete(file.name) && this.isAvailable) {
          following.notify(`${terminalText(file.name)} can be read again`);
        }
      } catch (error) {
        if (following.signal.aborted || !following.concernsOneFile(error)) throw error;
        failures.set(file, error);
      }
    }
    const [failure] = failures.values();
    if (failures.size > 0 && failures.size === files.size) throw failure;
    for (const [file, error] of failures) this.hasFailed(file, error);
    if (!this.isAvailable) following.notify(following.availableAgain);
    this.isAvailable = true;
    following.files.wereReadAt(polledAt);
  }

  private async attempt(file: GrowingFile, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!this.following.concernsOneFile(error)) throw error;
      this.hasFailed(file, error);
      this.unskipped.add(file.name);
    }
  }

  private hasFailed(file: GrowingFile, error: unknown): void {
    if (!this.failing.has(file.name)) {
      this.following.notify(`${messageOf(error)}; waiting for it`);
    }
    this.failing.set(file.name, file);
  }

  private wasRead({ file, offset, bytes }: Chunk): void {
    const progress = this.progress.get(file.name) ?? { offset, head: NOTHING };
    progress.offset = offset + bytes.length;
    if (offset === 0) progress.head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
    this.progress.set(file.name, progress);
  }

  /** Continues after the whole lines that are there, and returns the last of them. */
  private async skip(file: GrowingFile): Promise<Chunk[]> {
    const { name } = file;
    const state = await file.state();
    if (!state) return [];
    const head = await file.part(0, HEAD_BYTES);
    const isCompressed = compressionOf(head) !== undefined;
    const { lines, end } = isCompressed
      ? { end: state.length }
      : await lastLines(file, state.length, head);
    this.progress.set(name, { offset: end, head, created: state.created });
    return lines ? [lines] : [];
  }

  /** The bytes after those that were read; all bytes of a file that was replaced. */
  private async *newBytes(file: GrowingFile): AsyncIterable<Chunk> {
    const { name } = file;
    if (this.unskipped.has(name)) {
      await this.skip(file);
      this.unskipped.delete(name);
    }
    const state = await file.state();
    if (!state) return;
    const { length, version, created } = state;
    const progress = this.progress.get(name) ?? { offset: 0, head: NOTHING };
    if (version === progress.version && length === progress.offset) return;
    const head = await file.part(0, Math.min(HEAD_BYTES, length));
    if (compressionOf(head) !== undefined) {
      // It is written at once, and its length says nothing of its lines.
      this.progress.set(name, { offset: length, head, version });
      return;
    }
    if (this.lostItsEnd(progress, state, head)) return;
    const change = changeOf(progress, state, head);
    if (change !== undefined) {
      this.following.notify(`${terminalText(name)} ${change}; reading it from its start`);
      progress.offset = 0;
    }
    this.progress.set(name, Object.assign(progress, { head, created }));
    if (length > progress.offset) {
      for await (const chunk of file.read(progress.offset)) {
        yield chunk;
        progress.offset = chunk.offset + chunk.bytes.length;
      }
    }
    progress.version = version;
  }

  /** Whether the same file is shorter for a short time, so that its end may come back. */
  private lostItsEnd(known: Progress, { length, created }: FileState, head: Buffer): boolean {
    const common = Math.min(head.length, known.head.length);
    const isSame =
      (known.created === undefined || known.created === created) &&
      common > 0 &&
      head.subarray(0, common).equals(known.head.subarray(0, common));
    if (length >= known.offset || !isSame) {
      known.shorterSince = undefined;
      return false;
    }
    const now = this.following.now().getTime();
    known.shorterSince ??= now;
    return now < known.shorterSince + LOST_END_MILLISECONDS;
  }
}

/**
 * How a file differs from the one that was read; undefined if it is the same. Its first bytes decide, not its inode:
 * blobfuse2 sets none (`fillStat` in its libfuse_handler.go), and the numbers that libfuse chooses instead change.
 */
function changeOf(known: Progress, state: FileState, head: Buffer): string | undefined {
  if (known.offset === 0) return undefined;
  if (state.length < known.offset) return "is shorter than before";
  const isSame = head.subarray(0, known.head.length).equals(known.head);
  const isSameBlob = known.created === undefined || known.created === state.created;
  return isSame && isSameBlob ? undefined : "was replaced";
}

/** The last whole lines of a file, at most TAIL_BYTES, and where the incomplete line after them begins. */
async function lastLines(
  file: GrowingFile,
  length: number,
  head: Buffer,
): Promise<{ lines?: Chunk; end: number }> {
  if (logFormat(head) === "objects") {
    // Its records may be anywhere in its lines.
    const bytes = length > TAIL_BYTES ? NOTHING : await file.part(0, length);
    return { lines: { file: { name: file.name }, offset: 0, bytes }, end: length };
  }
  for (let to = length; to > 0; to -= TAIL_BYTES) {
    const from = Math.max(0, to - TAIL_BYTES);
    const bytes = await file.part(from, to);
    const size = bytes.lastIndexOf(LINE_FEED) + 1;
    if (size === 0) continue;
    // The first line may lack its beginning.
    const start = from === 0 ? 0 : bytes.indexOf(LINE_FEED) + 1;
    const lines = {
      file: { name: file.name },
      offset: from + start,
      bytes: bytes.subarray(start, size),
    };
    return { lines, end: from + size };
  }
  return { end: 0 };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
