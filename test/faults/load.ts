import { Client, type ClientConfig } from "pg";
import { setTimeout as delay } from "node:timers/promises";

const CONNECT_MILLISECONDS = 5_000;
const STATEMENT_MILLISECONDS = 20_000;
/** Between two statements of a client: the host has other work, too. */
const PAUSE_MILLISECONDS = 10;
const RETRY_MILLISECONDS = 250;

/** Clients that run numbered statements and connect again after each failure. */
export class Load {
  /** The statements that the server has confirmed. */
  readonly acknowledged: string[] = [];
  /** What the clients' failures said, by message. */
  readonly failures = new Map<string, number>();
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private static run = 0;

  /** @param clients @default 4 */
  constructor(
    private readonly config: ClientConfig,
    private readonly clients = 4,
  ) {}

  start(): void {
    const run = ++Load.run;
    const each = Array.from({ length: this.clients }, (_, number) =>
      this.work(`${process.pid}.${run}.${number + 1}`),
    );
    this.running = Promise.all(each);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async work(name: string): Promise<void> {
    const { signal } = this.stopping;
    let number = 0;
    while (!signal.aborted) {
      const client = new Client({
        ...this.config,
        application_name: "fault-matrix",
        connectionTimeoutMillis: CONNECT_MILLISECONDS,
        query_timeout: STATEMENT_MILLISECONDS,
      });
      client.on("error", () => undefined);
      try {
        await client.connect();
        while (!signal.aborted) {
          const text = `SELECT 'fault-matrix ${name} ${++number}'`;
          await client.query(text);
          this.acknowledged.push(text);
          await delay(PAUSE_MILLISECONDS);
        }
      } catch (error) {
        const { message } = error as Error;
        this.failures.set(message, (this.failures.get(message) ?? 0) + 1);
        await delay(RETRY_MILLISECONDS);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
