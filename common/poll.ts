import { setTimeout as delay } from "node:timers/promises";

export interface PollOptions {
  /** What is being waited for, for the error message. */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** @default 100 */
  readonly intervalMilliseconds?: number;
  /** Aborts the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Calls `probe` until it returns something other than undefined or false, and returns that.
 * @throws Error past the deadline; an exception of the probe ends the wait at once
 */
export async function pollUntil<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { what, timeoutSeconds, intervalMilliseconds = 100, signal }: PollOptions,
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const result = await probe();
    if (result !== undefined && result !== false) return result;
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${timeoutSeconds} s`);
    await delay(intervalMilliseconds, undefined, { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}
