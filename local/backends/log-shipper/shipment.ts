import { type AppendBlobClient, type ContainerClient } from "@azure/storage-blob";
import { z } from "zod";
import { readFileIfExists, writeFile } from "../../../common/files";
import { type LogPosition } from "./log-files";

/** An append of Azure's is 4 MiB at most. Source: Azure Storage, "Append Block". */
const APPEND_BYTES = 4 * 1024 * 1024;

const POSITION = z.object({ file: z.string(), offset: z.number() });
const STATE = z.object({
  /** All before it stands in its blobs. */
  shipped: POSITION.optional(),
  /** Lines that may, or may not, have been appended when the process ended: the lengths tell. */
  underWay: z
    .object({
      position: POSITION,
      appends: z.array(
        z.object({ account: z.string(), blob: z.string(), from: z.number(), text: z.string() }),
      ),
    })
    .optional(),
});
type State = z.infer<typeof STATE>;

/** Containers by their storage accounts. */
export type Containers = ReadonlyMap<string, ContainerClient>;

/**
 * Appends lines to blobs, once in each container, also over a crash: what is about to be appended, and at which length of
 * the blob, is written down first.
 */
export class Shipment {
  private state: State;

  constructor(private readonly file: string) {
    const text = readFileIfExists(file);
    this.state = text === undefined ? {} : STATE.parse(JSON.parse(text));
  }

  get position(): LogPosition | undefined {
    return this.state.shipped;
  }

  /** Ends what an earlier process began; what was meant for a container that is gone goes nowhere. */
  async resume(containers: Containers): Promise<void> {
    if (this.state.underWay) await this.carryOut(containers);
  }

  /**
   * Passes over the lines where there is no container.
   * @param texts lines by their blob's name, each ending with a line end.
   */
  async ship(
    containers: Containers,
    texts: ReadonlyMap<string, string>,
    position: LogPosition,
  ): Promise<void> {
    const appends = [];
    for (const [account, container] of containers) {
      for (const [blob, text] of texts) {
        appends.push({ account, blob, text, from: await blobLength(container, blob) });
      }
    }
    this.save({ shipped: this.state.shipped, underWay: { position, appends } });
    await this.carryOut(containers);
  }

  private async carryOut(containers: Containers): Promise<void> {
    const { underWay } = this.state;
    if (!underWay) return;
    for (const { account, blob, from, text } of underWay.appends) {
      const client = containers.get(account)?.getAppendBlobClient(blob);
      if (!client) continue;
      await client.createIfNotExists({
        blobHTTPHeaders: { blobContentType: "application/octet-stream" },
      });
      await appendRest(client, from, Buffer.from(text));
    }
    this.save({ shipped: underWay.position });
  }

  private save(state: State): void {
    this.state = state;
    writeFile(this.file, JSON.stringify(state), 0o600);
  }
}

async function appendRest(client: AppendBlobClient, from: number, bytes: Buffer): Promise<void> {
  let done = ((await client.getProperties()).contentLength ?? 0) - from;
  while (done < bytes.length) {
    const block = bytes.subarray(done, done + APPEND_BYTES);
    await client.appendBlock(block, block.length, {
      conditions: { appendPosition: from + done },
    });
    done += block.length;
  }
}

async function blobLength(container: ContainerClient, blob: string): Promise<number> {
  const client = container.getAppendBlobClient(blob);
  if (!(await client.exists())) return 0;
  return (await client.getProperties()).contentLength ?? 0;
}
