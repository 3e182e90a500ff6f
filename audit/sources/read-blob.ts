import { type ContainerClient, RestError } from "@azure/storage-blob";
import { UserError } from "../../common/user-error";
import type { FileState } from "./growth";
import type { Chunk } from "./source";
import { UnreadableFile } from "./unreadable";

const NOTHING_THERE: readonly (string | undefined)[] = ["BlobNotFound", "InvalidRange"];

/**
 * Downloads a blob from an offset on; yields nothing if it doesn't exist, or if nothing follows the offset.
 * @param count in bytes. @default to the end
 */
export async function* downloadFrom(
  container: ContainerClient,
  name: string,
  offset: number,
  signal: AbortSignal,
  count?: number,
): AsyncIterable<Chunk> {
  let at = offset;
  try {
    const { readableStreamBody } = await container
      .getBlobClient(name)
      .download(offset, count, { abortSignal: signal, maxRetryRequests: 3 });
    for await (const bytes of (readableStreamBody ?? []) as AsyncIterable<Buffer>) {
      yield { file: { name }, offset: at, bytes };
      at += bytes.length;
    }
  } catch (error) {
    if (error instanceof RestError && NOTHING_THERE.includes(error.code)) return;
    if (error instanceof RestError && error.code === "BlobArchived") {
      throw new UnreadableFile(name, "it is in the archive tier; rehydrate it (BlobArchived)");
    }
    throw explained(error, container);
  }
}

/** Undefined if the blob doesn't exist. */
export async function blobState(
  container: ContainerClient,
  name: string,
  signal: AbortSignal,
): Promise<FileState | undefined> {
  try {
    const blob = await container.getBlobClient(name).getProperties({ abortSignal: signal });
    const { contentLength: length = 0, etag: version = "", createdOn } = blob;
    return { length, version, created: createdOn?.getTime() };
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return undefined;
    throw explained(error, container);
  }
}

/** The bytes of a blob from one to another, exclusive; at its end less than was asked for. */
export async function blobPart(
  container: ContainerClient,
  name: string,
  [fromByte, toByte]: readonly [number, number],
  signal: AbortSignal,
): Promise<Buffer> {
  if (fromByte >= toByte) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  for await (const { bytes } of downloadFrom(
    container,
    name,
    fromByte,
    signal,
    toByte - fromByte,
  )) {
    pieces.push(bytes);
  }
  return Buffer.concat(pieces);
}

/** Whether waiting may help: no response at all, throttling, or a service that is down. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof RestError)) return false;
  const { statusCode } = error;
  return statusCode === undefined || statusCode >= 500 || statusCode === 429;
}

const MEANINGS: Readonly<Record<string, string>> = {
  ContainerNotFound:
    "there is no such container. A diagnostic setting creates it with the first line; until then there is no trail.",
  AuthenticationFailed:
    "the sign-in was refused. The shared access signature may have expired; or the account's key was regenerated, and " +
    "the next run reads the current one.",
  AuthorizationFailure:
    "the account's firewall refuses this machine: use --connect-to with a tunnel, or read the mount on the VM. Azurite says " +
    "this for a signature that was made with a regenerated key, too.",
  AuthorizationPermissionMismatch:
    "you may not read its blobs; the subscription's owner may not either. Assign the role Storage Blob Data Reader on the account.",
  KeyBasedAuthenticationNotPermitted:
    "the account accepts no keys. Sign in with the role Storage Blob Data Reader.",
};

/** The storage service's error with its meaning for the trail. */
export function explained(error: unknown, { url }: ContainerClient): unknown {
  if (!(error instanceof RestError)) return error;
  // A response to HEAD has no body, which the client takes the code from, and so no message either.
  const code = error.code ?? error.response?.headers.get("x-ms-error-code") ?? "";
  const place = url.replace(/\?.*$/, "");
  const meaning = MEANINGS[code];
  if (meaning) return new UserError(`${place}: ${meaning} (${code})`);
  if (error.message === "") {
    return new UserError(
      `${place}: the request was refused (${[error.statusCode, code].join(" ").trim()}).`,
    );
  }
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
    return new UserError(
      `The name ${new URL(url).host} can't be resolved. Check that the account exists and that the network works; ` +
        "an account with a private endpoint only needs --connect-to.",
    );
  }
  return error;
}
