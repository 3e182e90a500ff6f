import { createHash } from "node:crypto";
import type { SshConnection, SshTarget } from "./connection";
import { dial, type DialOptions } from "./dial";

/** sshd's default for MaxSessions is 10. */
const SESSIONS_PER_CONNECTION = 8;

interface Entry {
  readonly connection: Promise<SshConnection>;
  sessions: number;
  /** Whether someone was signed in on it before: it may have died since. */
  used: boolean;
}

/**
 * Keeps a connection to each machine open between commands: signing in anew takes seconds on an emulated processor. One that
 * died, as with a reboot, gives way to a new one before the next command.
 */
export class SshPool {
  private readonly entries = new Map<string, Entry[]>();

  /**
   * Opens a channel for `use`, and holds its place on the connection until `use` is over. Where a connection of before turns
   * out dead, `open` runs again on a new one; it must not have had an effect yet when it fails.
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
      // Another command may be connecting; its failure is its own.
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
