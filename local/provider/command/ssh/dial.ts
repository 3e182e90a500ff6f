import { setTimeout as delay } from "node:timers/promises";
import type { EngineLog } from "../../protocol";
import { SshConnection, UnusableTarget, type SshTarget } from "./connection";

const DEFAULT_ERROR_LIMIT = 10;
/** The pause before each next try grows by this much, up to the longest: ten tries outlast the boot of a machine. */
const PAUSE_STEP_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 5000;

export interface DialOptions {
  readonly log: EngineLog;
  readonly signal: AbortSignal;
}

/** Connects, trying again as often as the target allows; through its proxy, if it has one. */
export async function dial(target: SshTarget, options: DialOptions): Promise<SshConnection> {
  const { proxy } = target;
  if (proxy === undefined || proxy === null) {
    return withRetries(target, "Dial", options, () => SshConnection.open(target));
  }
  try {
    return await dialThrough(proxy, target, options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw new Error(`proxy: ${(error as Error).message}`);
  }
}

async function dialThrough(
  proxy: SshTarget,
  target: SshTarget,
  options: DialOptions,
): Promise<SshConnection> {
  const open = () => SshConnection.open(proxy);
  const bastion = await withRetries(proxy, "Dial proxy", options, open);
  try {
    const connection = await withRetries(target, "Dial from proxy", options, async () =>
      SshConnection.open(target, await bastion.forward(target.host, target.port ?? 22)),
    );
    connection.onClose(() => bastion.close());
    return connection;
  } catch (error) {
    bastion.close();
    throw error;
  }
}

async function withRetries<T>(
  { dialErrorLimit = DEFAULT_ERROR_LIMIT }: SshTarget,
  what: string,
  { log, signal }: DialOptions,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failed = 0; ; failed++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof UnusableTarget) throw error;
      if (dialErrorLimit >= 0 && failed >= dialErrorLimit) {
        throw new Error(`after ${failed} failed attempts: ${(error as Error).message}`);
      }
      const limit = dialErrorLimit < 0 ? "inf" : dialErrorLimit;
      log.status(`${what} ${failed + 1}/${limit} failed: retrying`);
      const pause = Math.min((failed + 1) * PAUSE_STEP_MILLISECONDS, LONGEST_PAUSE_MILLISECONDS);
      await delay(pause, undefined, { signal });
    }
  }
}
