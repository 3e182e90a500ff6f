import { setTimeout as delay } from "node:timers/promises";
import type { Notify } from "../../common/notify";
import type { Chunk } from "./source";

/** A file or blob that may grow. */
export interface GrowingFile {
  readonly name: string;
  /** Length in bytes now; undefined while the file doesn't exist. */
  length(): Promise<number | undefined>;
  /** Offset from which new bytes are read when following begins. */
  start(): Promise<number>;
  read(offset: number): AsyncIterable<Chunk>;
}

/** The files of a trail that may grow. */
export interface GrowingFiles {
  /** Oldest hour first; files of the current hours are listed before they exist. */
  list(): Promise<readonly GrowingFile[]>;
  /** Called with the time of a poll after all listed files were read: their older hours don't grow any more. */
  wereReadAt(time: Date): void;
}

export interface Following {
  readonly files: GrowingFiles;
  /** Is read first; undefined: begin with what is appended from now on. */
  readonly readBefore: AsyncIterable<Chunk> | undefined;
  readonly intervalSeconds: number;
  readonly now: () => Date;
  /** Whether the error may disappear by itself; any other error ends the following. */
  readonly isTransient: (error: unknown) => boolean;
  readonly unavailable: (reason: string) => string;
  readonly availableAgain: string;
  readonly notify: Notify;
  readonly signal: AbortSignal;
}

/** Polls the files and reads what was appended, until the signal. */
export async function* follow(following: Following): AsyncIterable<Chunk> {
  const { files, signal, notify } = following;
  /** How much of each file was read, or existed before. */
  const offsets = new Map<string, number>();
  for (const file of await files.list()) offsets.set(file.name, await file.start());
  for await (const chunk of following.readBefore ?? []) {
    yield chunk;
    offsets.set(chunk.file.name, chunk.offset + chunk.bytes.length);
  }
  let isAvailable = true;
  while (!signal.aborted) {
    try {
      const polledAt = following.now();
      for (const file of await files.list()) yield* newBytes(file, offsets, notify);
      if (!isAvailable) notify(following.availableAgain);
      isAvailable = true;
      files.wereReadAt(polledAt);
    } catch (error) {
      if (signal.aborted) return;
      if (!following.isTransient(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (isAvailable) notify(following.unavailable(reason));
      isAvailable = false;
    }
    await delay(following.intervalSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}

/** The bytes after those that were read; all bytes of a file that was replaced by a shorter one. */
async function* newBytes(
  file: GrowingFile,
  offsets: Map<string, number>,
  notify: Notify,
): AsyncIterable<Chunk> {
  const { name } = file;
  const length = await file.length();
  if (length === undefined) return;
  if (length < (offsets.get(name) ?? 0)) {
    notify(`${name} is shorter than before; reading it from its start`);
    offsets.set(name, 0);
  }
  const offset = offsets.get(name) ?? 0;
  if (length === offset) return;
  for await (const chunk of file.read(offset)) {
    yield chunk;
    offsets.set(name, chunk.offset + chunk.bytes.length);
  }
}
