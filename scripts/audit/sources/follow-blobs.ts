import { ContainerClient, RestError } from "@azure/storage-blob";
import { setTimeout as delay } from "node:timers/promises";
import { Chunk } from "../source";
import { downloadFrom, explained } from "./blobs";
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
  const connection = new Connection(options.notice);
  while (!signal.aborted) {
    try {
      const lookedAt = now();
      for (const name of await blobs.since(from)) yield* newBytes(options, offsets, name);
      connection.isUp();
      from = oldestGrowingHour(lookedAt);
    } catch (error) {
      if (signal.aborted) return;
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

async function* newBytes(
  { container, notice, signal }: FollowOptions,
  offsets: Map<string, number>,
  name: string,
): AsyncIterable<Chunk> {
  const length = await lengthOf(container, name, signal);
  if (length === undefined) return;
  if (length < (offsets.get(name) ?? 0)) {
    notice(`${name} is shorter than it was; reading it from its start`);
    offsets.set(name, 0);
  }
  const offset = offsets.get(name) ?? 0;
  if (length === offset) return;
  for await (const chunk of downloadFrom(container, name, offset, signal)) {
    yield chunk;
    offsets.set(name, chunk.offset + chunk.bytes.length);
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

/** Says once that the container is out of reach, and once that it is back; what waiting won't mend ends it. */
class Connection {
  private isAway = false;

  constructor(private readonly notice: (line: string) => void) {}

  isUp(): void {
    if (this.isAway) this.notice("the storage account is back");
    this.isAway = false;
  }

  isDown(error: unknown): void {
    const status = error instanceof RestError ? error.statusCode : undefined;
    const passes =
      error instanceof RestError && (status === undefined || status >= 500 || status === 429);
    if (!passes) throw error;
    if (!this.isAway) {
      this.notice(
        `the storage account can't be read now (${error.message}); waiting until it is back`,
      );
    }
    this.isAway = true;
  }
}
