import { type ContainerClient } from "@azure/storage-blob";
import { setTimeout as delay } from "node:timers/promises";
import { type Readable } from "node:stream";

const LOOK_MILLISECONDS = 50;
const WHOLE_MILLISECONDS = 5000;
/** Of larger blobs the whole reader reads only so much: after an hour there are gigabytes. */
const WHOLE_BYTES = 256 * 1024 ** 2;

/** Follows the trail by ranges as `audit-tail` does, and reads it whole as `./lab audit` does, sometimes not to its end. */
export class Readers {
  /** Milliseconds between a line's timestamp and its arrival here. */
  private lags: number[] = [];
  private readonly offsets = new Map<string, number>();
  private rest = "";
  private ended = false;
  private readonly running: Promise<void>[];

  constructor(private readonly container: ContainerClient) {
    this.running = [this.follow(), this.readWhole()];
  }

  /** The lags since the last call, sorted. */
  takeLags(): number[] {
    const lags = this.lags.sort((one, other) => one - other);
    this.lags = [];
    return lags;
  }

  async stop(): Promise<void> {
    this.ended = true;
    await Promise.all(this.running);
  }

  private async follow(): Promise<void> {
    while (!this.ended) {
      // The storage may be away.
      await this.readNew().catch(() => undefined);
      await delay(LOOK_MILLISECONDS);
    }
  }

  private async readNew(): Promise<void> {
    for (const { name, length } of await blobsOf(this.container)) {
      const offset = this.offsets.get(name) ?? 0;
      if (length <= offset) continue;
      const bytes = await this.container
        .getBlobClient(name)
        .downloadToBuffer(offset, length - offset);
      this.offsets.set(name, length);
      const now = Date.now();
      const lines = (this.rest + bytes.toString()).split("\n");
      this.rest = lines.pop() ?? "";
      for (const line of lines) {
        const [, time = ""] = /"time":"([^"]+)"/.exec(line.slice(line.lastIndexOf('"time"'))) ?? [];
        this.lags.push(now - Date.parse(time));
      }
    }
  }

  private async readWhole(): Promise<void> {
    for (let round = 0; !this.ended; round++) {
      await this.readOnce(round % 2 === 0).catch(() => undefined);
      await delay(WHOLE_MILLISECONDS);
    }
  }

  private async readOnce(toItsEnd: boolean): Promise<void> {
    for (const { name } of await blobsOf(this.container)) {
      const { readableStreamBody } = await this.container.getBlobClient(name).download();
      const stream = readableStreamBody as Readable;
      let bytes = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (!toItsEnd || bytes > WHOLE_BYTES) break;
      }
      stream.destroy();
    }
  }
}

/** In the order of their hours. */
export async function blobsOf(
  container: ContainerClient,
): Promise<{ readonly name: string; readonly length: number }[]> {
  const blobs = [];
  for await (const { name, properties } of container.listBlobsFlat()) {
    blobs.push({ name, length: properties.contentLength ?? 0 });
  }
  return blobs;
}
