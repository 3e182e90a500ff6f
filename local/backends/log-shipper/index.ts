import { type ContainerClient } from "@azure/storage-blob";
import { setTimeout as delay } from "node:timers/promises";
import { type JsonLogLine } from "./log-line-prefix";
import { type LogChunk, readLogChunk, removeReadFiles } from "./log-files";
import { azureRecord, blobName } from "./record";
import { Shipment } from "./shipment";

const FLUSH_MILLISECONDS = 1000;

/** Where a server's lines come from and go to, asked for at each flush. */
export interface LogSource {
  readonly resourceId: string;
  readonly location: string;
  readonly logFolder: string;
  /** Keeps how far the log is shipped. */
  readonly stateFile: string;
  /** The server's log_line_prefix as it is now. */
  logLinePrefix(): Promise<string>;
  /** The containers that the diagnostic settings name, by their accounts; with none the lines go nowhere, as on Azure. */
  containers(): Promise<ReadonlyMap<string, ContainerClient>>;
}

/** Brings servers' logs to their storage accounts, once a second, in Azure's record shape and blob layout. */
export class LogShipper {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  /**
   * @param sources the servers whose logs can be read now
   * @param report takes what kept a flush from its end; the next one tries again
   */
  constructor(
    private readonly sources: () => readonly LogSource[],
    private readonly report: (problem: string) => void,
  ) {}

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
    for (const source of this.sources()) {
      try {
        await shipAll(source);
      } catch (error) {
        this.report(
          `${source.resourceId}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
}

/** Ships every whole line that stands in the log now. */
export async function shipAll(source: LogSource): Promise<void> {
  const shipment = new Shipment(source.stateFile);
  await shipment.resume(await source.containers());
  for (;;) {
    const chunk = readLogChunk(source.logFolder, shipment.position);
    if (!chunk) return;
    // Asked for after the lines were read: none goes where no setting sends it any more.
    const containers = await source.containers();
    await shipment.ship(containers, await textsByBlob(source, chunk), chunk.position);
    removeReadFiles(source.logFolder, chunk.position);
  }
}

async function textsByBlob(source: LogSource, chunk: LogChunk): Promise<Map<string, string>> {
  const context = { ...source, logLinePrefix: await source.logLinePrefix() };
  const texts = new Map<string, string>();
  for (const text of chunk.lines) {
    const line = JSON.parse(text) as JsonLogLine;
    const blob = blobName(source.resourceId, line.timestamp);
    texts.set(blob, `${texts.get(blob) ?? ""}${azureRecord(line, context)}\n`);
  }
  return texts;
}
