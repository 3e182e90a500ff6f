/** The delay doubles with each restart: 1, 2, 4, ... s. */
const FIRST_DELAY_SECONDS = 1;
const LAST_DELAY_SECONDS = 30;
/** So many restarts within this time are tried; then the part has failed. */
export const MOST_RESTARTS = 6;
export const WITHIN_MINUTES = 5;

/** The bounded restarts of one part. Times are in milliseconds of one clock. */
export class Restarts {
  private times: number[] = [];

  /** The delay before the next restart, which counts from now on; undefined if there were too many. */
  next(now: number): number | undefined {
    this.times = this.times.filter((time) => now - time < WITHIN_MINUTES * 60_000);
    if (this.times.length >= MOST_RESTARTS) return undefined;
    const delay = Math.min(FIRST_DELAY_SECONDS * 2 ** this.times.length, LAST_DELAY_SECONDS);
    this.times.push(now);
    return delay;
  }

  /** Forgets them: a person asks for a start. */
  clear(): void {
    this.times = [];
  }
}
