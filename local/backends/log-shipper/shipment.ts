import { type AppendBlobClient, type ContainerClient } from "@azure/storage-blob";
import { z } from "zod";
import { writeFile } from "../../../common/files";
import { readJsonFile } from "../../../common/json-file";
import { REPLACE_LAB } from "../../paths";
import { type FurtherLines } from "./line-numbers";
import { type LogPosition } from "./log-files";

/** Azure's limit for one append. Source: Azure Storage, "Append Block". */
const APPEND_BYTES = 4 * 1024 * 1024;

const POSITION = z.object({ file: z.string(), offset: z.number() });
const FURTHER_LINES = z.record(z.string(), z.number());
const STATE = z.object({
  /** All lines before it are in their blobs. */
  shipped: POSITION.optional(),
  /** The numbers of lines at that position. Missing in files of earlier versions. */
  furtherLines: FURTHER_LINES.optional(),
  /** Appends that may have been done when the process ended; the blobs' lengths show which. */
  underWay: z
    .object({
      position: POSITION,
      furtherLines: FURTHER_LINES.optional(),
      appends: z.array(
        z.object({ account: z.string(), blob: z.string(), from: z.number(), text: z.string() }),
      ),
    })
    .optional(),
});
type State = z.infer<typeof STATE>;

/** @throws UserError if the file is damaged: without the position, lines would be missing or twice in the blobs */
export function readShipmentState(file: string): State {
  const content = "the position up to which the server's log is in the storage account";
  return readJsonFile(file, STATE, { content, remedy: REPLACE_LAB }) ?? {};
}

/** Containers by storage account. */
export type Containers = ReadonlyMap<string, ContainerClient>;

/**
 * Appends lines to blobs, exactly once in each container, even after a crash: the appends, with the length of each blob,
 * are recorded before they start.
 */
export class Shipment {
  private state: State;

  constructor(private readonly file: string) {
    this.state = readShipmentState(file);
  }

  get position(): LogPosition | undefined {
    return this.state.shipped;
  }

  get furtherLines(): FurtherLines {
    return this.state.furtherLines ?? {};
  }

  /** Completes the recorded appends of an earlier process, except those for deleted containers. */
  async resume(containers: Containers): Promise<void> {
    if (this.state.underWay) await this.carryOut(containers);
  }

  /**
   * Skips the lines if there is no container.
   * @param texts lines by blob name, each with its line end
   * @param furtherLines the state of LineNumbers after these lines
   */
  async ship(
    containers: Containers,
    texts: ReadonlyMap<string, string>,
    position: LogPosition,
    furtherLines: FurtherLines = {},
  ): Promise<void> {
    const appends = [];
    for (const [account, container] of containers) {
      for (const [blob, text] of texts) {
        appends.push({ account, blob, text, from: await blobLength(container, blob) });
      }
    }
    this.save({ ...this.state, underWay: { position, furtherLines, appends } });
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
    this.save({ shipped: underWay.position, furtherLines: underWay.furtherLines });
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
