import { type ContainerClient, RestError } from "@azure/storage-blob";
import { setTimeout as delay } from "node:timers/promises";
import { type Chunk } from "./source";
import { downloadFrom, explained } from "./blob-source";
import { Availability, newBytes } from "./growth";
import { hourBlobName, hoursBetween, oldestGrowingHour, startOfHour } from "./hours";

export interface FollowOptions {
  readonly container: ContainerClient;
  readonly now: () => Date;
  readonly intervalSeconds: number;
  readonly notice: (line: string) => void;
  /** The servers' folders as they are now. */
  readonly servers: () => Promise<readonly string[]>;
  /** What is read first; undefined: begin with what comes from now on. */
  readonly readBefore: () => AsyncIterable<Chunk> | undefined;
  readonly signal: AbortSignal;
}

/**
 * What is appended to the blobs of this hour, and of the ones that follow, until the signal. Each look asks for a
 * blob's length, and fetches only what came since the last one.
 */
export async function* followBlobs(options: FollowOptions): AsyncIterable<Chunk> {
  const { container, now, signal } = options;
  const blobs = new HourBlobs(options);
  let from = oldestGrowingHour(now());
  /** How much of each blob was read, or stood there before. */
  const offsets = new Map<string, number>();
  for (const name of await blobs.since(from)) {
    offsets.set(name, (await lengthOf(container, name, signal)) ?? 0);
  }
  for await (const chunk of options.readBefore() ?? []) {
    yield chunk;
    offsets.set(chunk.file.name, chunk.offset + chunk.bytes.length);
  }
  const connection = new Availability(options.notice, {
    away: (reason) => `the storage account can't be read now (${reason}); waiting until it is back`,
    back: "the storage account is back",
  });
  while (!signal.aborted) {
    try {
      const lookedAt = now();
      for (const name of await blobs.since(from)) {
        const length = await lengthOf(container, name, signal);
        const read = (offset: number) => downloadFrom(container, name, offset, signal);
        yield* newBytes({ name, key: name, length, read }, offsets, options.notice);
      }
      connection.isUp();
      from = oldestGrowingHour(lookedAt);
    } catch (error) {
      if (signal.aborted) return;
      if (!passes(error)) throw error;
      connection.isDown(error);
    }
    await delay(options.intervalSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}

/** Names of the servers' blobs; the servers are looked up once an hour. */
class HourBlobs {
  private folders: readonly string[] = [];
  private hour = 0;

  constructor(private readonly options: Pick<FollowOptions, "servers" | "now">) {}

  /** Those from an hour up to now, oldest first. */
  async since(first: Date): Promise<string[]> {
    const { servers, now } = this.options;
    const last = now();
    const hour = startOfHour(last).getTime();
    if (hour !== this.hour || this.folders.length === 0) {
      this.folders = await servers();
      this.hour = hour;
    }
    return hoursBetween(first, last).flatMap((each) =>
      this.folders.map((resource) => hourBlobName({ resource, hour: each })),
    );
  }
}

/** In bytes; undefined where the blob isn't there yet. */
async function lengthOf(
  container: ContainerClient,
  name: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const properties = await container.getBlobClient(name).getProperties({ abortSignal: signal });
    return properties.contentLength ?? 0;
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw explained(error, container);
  }
}

/** What waiting mends: no answer at all, throttling, a service that is down. */
function passes(error: unknown): boolean {
  if (!(error instanceof RestError)) return false;
  const { statusCode } = error;
  return statusCode === undefined || statusCode >= 500 || statusCode === 429;
}
