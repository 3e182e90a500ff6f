import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import lockfile from "proper-lockfile";
import { readFileIfExists, writeFile } from "./files";
import { parseJson } from "./json";
import { pollUntil } from "./poll";
import { isRunning, processIdentity, type ProcessIdentity } from "./processes";

/** A lock is free again after this time if its holder was killed and nobody can tell so: on another host, for example. */
export const STALE_LOCK_SECONDS = 15;

const OPTIONS = { stale: STALE_LOCK_SECONDS * 1000, realpath: false };

/** The process that has a lock. */
export interface LockHolder extends ProcessIdentity {
  readonly host: string;
}

type Release = () => Promise<void>;

const holderFile = (lock: string): string => `${lock}.holder`;

/** The process that has the lock; undefined where nobody has it, and in the moment in which it changes hands. */
export const lockHolder = (lock: string): LockHolder | undefined =>
  parseJson(readFileIfExists(holderFile(lock)) ?? "") as LockHolder | undefined;

/**
 * Acquires a lock among all processes, by its path. A killed holder's lock is acquired at once.
 * @returns what releases it; undefined where another process has it
 */
export async function tryLock(lock: string): Promise<Release | undefined> {
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  const holder = lockHolder(lock);
  // Also while the holder is stopped, and renews nothing.
  if (holder && state(holder) === "running") return undefined;
  const release = (await acquire(lock)) ?? (await takeOver(lock));
  if (!release) return undefined;
  writeFile(
    holderFile(lock),
    JSON.stringify({ ...processIdentity(process.pid), host: os.hostname() }),
  );
  return async () => {
    fs.rmSync(holderFile(lock), { force: true });
    await release();
  };
}

function state(holder: LockHolder): "running" | "ended" | "unknown" {
  if (holder.host !== os.hostname()) return "unknown";
  return isRunning(holder) ? "running" : "ended";
}

const acquire = (lock: string): Promise<Release | undefined> =>
  lockfile.lock(lock, { ...OPTIONS, lockfilePath: lock }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ELOCKED") throw error;
    return undefined;
  });

/**
 * Acquires the lock of a holder that has ended. Only one process at a time does so, and the holder's file is removed before
 * the lock: whoever finds no file leaves the lock alone, since another process may have acquired it meanwhile.
 */
async function takeOver(lock: string): Promise<Release | undefined> {
  const done = await acquire(`${lock}.takeover`);
  if (!done) return undefined;
  try {
    const holder = lockHolder(lock);
    if (!holder || state(holder) !== "ended") return undefined;
    fs.rmSync(holderFile(lock));
    fs.rmdirSync(lock);
    return await acquire(lock);
  } finally {
    await done();
  }
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
