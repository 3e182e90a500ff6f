import { setTimeout as delay } from "node:timers/promises";
import { type OperationKind, operationKey, type ProfileName, PROFILES } from "./profiles";

export interface TimingOptions {
  /** @default "fast": operations take as long as their work */
  readonly profile?: ProfileName;
  /** The profile's times are divided by it. @default 1 */
  readonly timeScale?: number;
  /** Waits; replaced by tests. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** How long local Azure's operations take: the profile's times, scaled. */
export class Timing {
  private readonly profile;
  private readonly timeScale: number;
  private readonly pause;

  constructor({ profile = "fast", timeScale = 1, pause = wait }: TimingOptions = {}) {
    this.profile = PROFILES[profile];
    this.timeScale = timeScale;
    this.pause = pause;
  }

  /** At least this long; the work itself may take longer. */
  operationSeconds(kind: OperationKind): number {
    return (this.profile.operationSeconds.get(operationKey(kind)) ?? 0) / this.timeScale;
  }

  /** Whole seconds, as the header Retry-After has them. */
  get retryAfterSeconds(): number {
    return Math.round(this.profile.retryAfterSeconds / this.timeScale);
  }

  /** How long a new flexible server goes on answering writes with ServerIsBusy. */
  get busyWindowSeconds(): number {
    return this.profile.busyWindowSeconds / this.timeScale;
  }

  /** Does the work and ends when the kind's time is over too; a failure ends it at once. */
  async stretch<T>(kind: OperationKind, work: () => Promise<T>): Promise<T> {
    const seconds = this.operationSeconds(kind);
    if (seconds === 0) return work();
    const failed = new AbortController();
    const over = this.pause(seconds * 1000, failed.signal);
    try {
      const [result] = await Promise.all([work(), over]);
      return result;
    } finally {
      failed.abort();
    }
  }
}

const wait = (milliseconds: number, signal: AbortSignal) =>
  delay(milliseconds, undefined, { signal });
