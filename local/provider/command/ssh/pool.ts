import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineLog } from "../../protocol";
import { SshConnection, UnusableTarget, type SshTarget } from "./connection";

const DEFAULT_ERROR_LIMIT = 10;
/** The pause before each next attempt grows by this much: ten attempts take longer than the boot of a machine. */
const PAUSE_STEP_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 5000;

/** sshd's default for MaxSessions is 10. */
const SESSIONS_PER_CONNECTION = 8;

export interface DialOptions {
  readonly log: EngineLog;
  readonly signal: AbortSignal;
}

interface Entry {
  readonly connection: Promise<SshConnection>;
  sessions: number;
  /** Whether the connection was used before: it may have been lost since. */
  used: boolean;
}

/**
 * Keeps a connection to each machine open between commands: to connect again takes seconds on an emulated CPU. A lost
 * connection, as after a reboot, is replaced by a new one before the next command.
 */
export class SshPool {
  private readonly entries = new Map<string, Entry[]>();

  /**
   * Opens a channel for `use`, and reserves its place on the connection until `use` has ended. Where a used connection was
   * lost, `open` is called again on a new one; `open` must have no effect where it fails.
   */
  async with<T, R>(
    target: SshTarget,
    options: DialOptions,
    open: (connection: SshConnection) => Promise<T>,
    use: (channel: T) => Promise<R>,
  ): Promise<R> {
    for (;;) {
      const entry = await this.take(target, options);
      const { used } = entry;
      entry.used = true;
      try {
        const connection = await entry.connection;
        let channel: T;
        try {
          channel = await open(connection);
        } catch (error) {
          if (used && !connection.isOpen) continue;
          throw error;
        }
        return await use(channel);
      } finally {
        entry.sessions--;
      }
    }
  }

  close(): void {
    for (const entry of [...this.entries.values()].flat()) {
      entry.connection.then(
        (connection) => connection.close(),
        () => undefined,
      );
    }
    this.entries.clear();
  }

  private async take(target: SshTarget, options: DialOptions): Promise<Entry> {
    const key = createHash("sha256").update(JSON.stringify(target)).digest("hex");
    const entries = this.entries.get(key) ?? [];
    this.entries.set(key, entries);
    for (const entry of [...entries]) {
      if (entry.sessions >= SESSIONS_PER_CONNECTION) continue;
      entry.sessions++;
      // Another command may be connecting; it reports its failure itself.
      const connection = await entry.connection.catch(() => undefined);
      if (connection?.isOpen) return entry;
      entry.sessions--;
      drop(entries, entry);
    }
    const entry: Entry = { connection: dial(target, options), sessions: 1, used: false };
    entries.push(entry);
    entry.connection.catch(() => drop(entries, entry));
    return entry;
  }
}

function drop(entries: Entry[], entry: Entry): void {
  const index = entries.indexOf(entry);
  if (index >= 0) entries.splice(index, 1);
}

/** Connects, with as many attempts as the target allows, through its proxy if it has one. */
async function dial(target: SshTarget, options: DialOptions): Promise<SshConnection> {
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
