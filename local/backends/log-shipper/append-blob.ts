import { type AppendBlobClient, type ContainerClient, RestError } from "@azure/storage-blob";

/**
 * The most that is sent in one append. Azure takes 100 MiB since version 2022-11-02 of the service ("Append Block"), and
 * its "Scalability and performance targets for Blob storage" still give 4 MiB.
 */
const APPEND_BYTES = 4 * 1024 * 1024;

/** A request that gets no answer is given up after this time: a stopped process accepts connections. */
const REQUEST_MILLISECONDS = 20_000;

/** The blob takes no further append: 50,000 blocks, sealed, or replaced by another type of blob. */
const ENDED = ["BlockCountExceedsLimit", "BlobIsSealed", "InvalidBlobType"];

/** Thrown by `appendAt`; what was appended before it is in the blob. */
export class BlobEndedError extends Error {}

/** Thrown by `appendAt`: the place isn't the blob's end, because the storage lost blocks or somebody else wrote. */
export class BlobChangedError extends Error {}

const limited = () => ({ abortSignal: AbortSignal.timeout(REQUEST_MILLISECONDS) });

/** In bytes; 0 if there is no such blob. */
export async function blobLength(container: ContainerClient, blob: string): Promise<number> {
  try {
    const { contentLength } = await container.getAppendBlobClient(blob).getProperties(limited());
    return contentLength ?? 0;
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return 0;
    throw error;
  }
}

/** Whether the blob has these bytes at this place. */
export async function blobHas(
  container: ContainerClient,
  blob: string,
  from: number,
  bytes: Buffer,
): Promise<boolean> {
  const client = container.getAppendBlobClient(blob);
  return bytes.equals(await client.downloadToBuffer(from, bytes.length, limited()));
}

/**
 * Appends at a place, which must be the blob's end; creates a missing container and blob if it is 0.
 * @param appended receives the number of bytes of each append that is done
 * @throws BlobEndedError, BlobChangedError
 */
export async function appendAt(
  container: ContainerClient,
  blob: string,
  from: number,
  bytes: Buffer,
  appended: (length: number) => void,
): Promise<void> {
  const client = container.getAppendBlobClient(blob);
  for (let done = 0; done < bytes.length;) {
    const block = bytes.subarray(done, done + APPEND_BYTES);
    await appendBlock(client, from + done, block).catch(async (error: unknown) => {
      if (!(error instanceof RestError)) throw error;
      if (ENDED.includes(error.code ?? "")) throw new BlobEndedError(error.code);
      if (error.statusCode === 412) throw new BlobChangedError(error.code);
      if (error.statusCode !== 404) throw error;
      if (from + done > 0) throw new BlobChangedError(error.code);
      await container.createIfNotExists(limited());
      const blobHTTPHeaders = { blobContentType: "application/octet-stream" };
      await client.createIfNotExists({ blobHTTPHeaders, ...limited() });
      await appendBlock(client, 0, block);
    });
    appended(block.length);
    done += block.length;
  }
}

const appendBlock = (client: AppendBlobClient, appendPosition: number, block: Buffer) =>
  client.appendBlock(block, block.length, { conditions: { appendPosition }, ...limited() });
