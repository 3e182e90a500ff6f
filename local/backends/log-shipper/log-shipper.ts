import { type ContainerClient } from "@azure/storage-blob";
import { setTimeout as delay } from "node:timers/promises";
import { type Notify } from "../../../common/notify";
import { LineNumbers } from "./line-numbers";
import { type LogChunk, readLogChunk, removeReadFiles } from "./log-files";
import { type JsonLogLine } from "./log-line-prefix";
import { azureRecord, blobName } from "./record";
import { Shipment } from "./shipment";

const FLUSH_MILLISECONDS = 1000;

/** Where a server's log lines come from and go to; read again at each flush. */
export interface LogSource {
  readonly resourceId: string;
  readonly location: string;
  readonly logFolder: string;
  /** Stores the position up to which the log is shipped. */
  readonly stateFile: string;
  /** The server's current log_line_prefix. */
  logLinePrefix(): Promise<string>;
  /**
   * The containers of the diagnostic settings, by account. Without any, the lines are dropped, as on Azure. While all
   * settings are so new that they deliver nothing yet, the lines wait.
   */
  containers(): Promise<ReadonlyMap<string, ContainerClient> | "not yet">;
}

/** Writes the servers' logs to their storage accounts every second, with Azure's record format and blob names. */
export class LogShipper {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private lastProblem: string | undefined;

  /**
   * @param sources returns the servers whose logs can be read now
   * @param notify receives the reason why a flush failed; the next one tries again
   */
  constructor(
    private readonly sources: () => readonly LogSource[],
    private readonly notify: Notify,
  ) {}

  /** Why the last flush failed; undefined if it didn't. */
  get problem(): string | undefined {
    return this.lastProblem;
  }

  start(): void {
    this.running = this.run();
  }

  /** Ends after a last flush. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.flush();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.flush();
      await delay(FLUSH_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async flush(): Promise<void> {
    let problem: string | undefined;
    for (const source of this.sources()) {
      try {
        await shipAll(source);
      } catch (error) {
        problem = `${source.resourceId}: ${error instanceof Error ? error.message : String(error)}`;
        this.notify(problem);
      }
    }
    this.lastProblem = problem;
  }
}

/** Ships all complete lines that are in the log now. */
export async function shipAll(source: LogSource): Promise<void> {
  const shipment = new Shipment(source.stateFile);
  const resumed = await source.containers();
  if (resumed === "not yet") return;
  await shipment.resume(resumed);
  for (;;) {
    const chunk = readLogChunk(source.logFolder, shipment.position);
    if (!chunk) return;
    // Read after the lines, so that no line is sent for a setting that has been deleted.
    const containers = await source.containers();
    if (containers === "not yet") return;
    const numbers = new LineNumbers(shipment.furtherLines);
    const texts = await textsByBlob(source, chunk, numbers);
    await shipment.ship(containers, texts, chunk.position, numbers.state);
    removeReadFiles(source.logFolder, chunk.position);
  }
}

async function textsByBlob(
  source: LogSource,
  chunk: LogChunk,
  numbers: LineNumbers,
): Promise<Map<string, string>> {
  const context = { ...source, logLinePrefix: await source.logLinePrefix() };
  const texts = new Map<string, string>();
  for (const text of chunk.lines) {
    const line = numbers.number(JSON.parse(text) as JsonLogLine);
    const blob = blobName(source.resourceId, line.timestamp);
    texts.set(blob, `${texts.get(blob) ?? ""}${azureRecord(line, context)}\n`);
  }
  return texts;
}
