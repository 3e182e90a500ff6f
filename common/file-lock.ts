import * as fs from "node:fs";
import * as path from "node:path";
import lockfile from "proper-lockfile";
import { pollUntil } from "./poll";

/** A lock whose holder was killed is free again after this time. */
export const STALE_LOCK_SECONDS = 15;

const OPTIONS = { stale: STALE_LOCK_SECONDS * 1000, realpath: false };

/** Acquires a lock among all processes, by its path. @returns what releases it; undefined where another process has it */
export async function tryLock(lock: string): Promise<(() => Promise<void>) | undefined> {
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  return lockfile
    .lock(lock, { ...OPTIONS, lockfilePath: lock })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ELOCKED") throw error;
      return undefined;
    });
}

export interface WaitForLock {
  /** What the lock guards, for the error message. */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Called once where another process has the lock. */
  readonly onWait: () => void;
  readonly signal?: AbortSignal;
}

/** Runs the work while no other process does; waits for another process that does. */
export async function withLock<T>(
  lock: string,
  { what, timeoutSeconds, onWait, signal }: WaitForLock,
  work: () => Promise<T>,
): Promise<T> {
  let release = await tryLock(lock);
  if (!release) {
    onWait();
    release = await pollUntil(() => tryLock(lock), {
      ...{ what, timeoutSeconds, signal },
      intervalMilliseconds: 500,
    });
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
