import { type ContainerClient, RestError } from "@azure/storage-blob";
import { UserError } from "../../common/user-error";
import { type Chunk, type Source, type TimeRange } from "./source";
import { followBlobs } from "./follow-blobs";
import {
  compareHourBlobs,
  folderMayHold,
  hourBlobName,
  hourFolder,
  hoursBetween,
  hoursOfRange,
  parseHourBlob,
  startOfHour,
} from "./hours";

/** Up to so many blobs are asked for by name; for more, the container is listed first. */
const MOST_BLOBS_BY_NAME = 12;

export interface BlobSourceOptions {
  readonly container: ContainerClient;
  /** `resourceId=/SUBSCRIPTIONS/.../<SERVER>` of each server that is read. @default every server of the container */
  readonly serverFolders?: readonly string[];
  /** @default the clock */
  readonly now?: () => Date;
  /** Between two looks while following. @default 1 */
  readonly intervalSeconds?: number;
  /** Takes what the user should know, a line each. */
  readonly notice: (line: string) => void;
}

/** The folder of a server in the container; Azure writes its resource id in capitals. */
export const serverFolder = (serverId: string): string => `resourceId=${serverId.toUpperCase()}`;

/** The trail in a storage account's container, in Azure Monitor's layout. */
export class BlobSource implements Source {
  constructor(private readonly options: BlobSourceOptions) {}

  get description(): string {
    return this.options.container.url.replace(/\?.*$/, "");
  }

  async *read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    for (const name of await this.namesInRange(range, signal)) {
      yield* downloadFrom(this.options.container, name, 0, signal);
    }
  }

  follow(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    const { now = () => new Date(), intervalSeconds = 1 } = this.options;
    return followBlobs({
      ...this.options,
      now,
      intervalSeconds,
      servers: () => this.servers(signal),
      readBefore: () => (range.since ? this.read(range, signal) : undefined),
      signal,
    });
  }

  /** Blobs that may hold records of the range, oldest first. By name where they are few: a listing costs more. */
  private async namesInRange(range: TimeRange, signal: AbortSignal): Promise<string[]> {
    const thisHour = startOfHour((this.options.now ?? (() => new Date()))());
    const { first, last = thisHour } = hoursOfRange(range);
    const servers = await this.servers(signal);
    if (first) {
      const hours = hoursBetween(first, last < thisHour ? last : thisHour);
      if (hours.length * servers.length <= MOST_BLOBS_BY_NAME) {
        return hours.flatMap((hour) => servers.map((resource) => hourBlobName({ resource, hour })));
      }
    }
    const blobs = [];
    for (const server of servers) {
      const prefix = `${server}/${first ? commonFolder(hourFolder(first), hourFolder(last)) : ""}`;
      for await (const { name } of this.options.container.listBlobsFlat({
        prefix,
        abortSignal: signal,
      })) {
        const blob = parseHourBlob(name);
        if (blob && folderMayHold(name.slice(0, name.lastIndexOf("/")), range)) blobs.push(blob);
      }
    }
    return blobs.sort(compareHourBlobs).map(hourBlobName);
  }

  private async servers(signal: AbortSignal): Promise<readonly string[]> {
    return this.options.serverFolders ?? (await serversBelow(this.options.container, "", signal));
  }
}

/** The folders that hold a `y=` folder; each level is listed once, whatever is below. */
async function serversBelow(
  container: ContainerClient,
  prefix: string,
  signal: AbortSignal,
): Promise<string[]> {
  const folders: string[] = [];
  try {
    for await (const entry of container.listBlobsByHierarchy("/", {
      prefix,
      abortSignal: signal,
    })) {
      if (entry.kind === "prefix") folders.push(entry.name);
    }
  } catch (error) {
    throw explained(error, container);
  }
  if (folders.some((folder) => /\/y=\d+\/$/.test(folder))) return [prefix.replace(/\/$/, "")];
  const below = [];
  for (const folder of folders) below.push(...(await serversBelow(container, folder, signal)));
  return below;
}

/** `y=2026/m=11/` of two hours in one month. */
function commonFolder(first: string, last: string): string {
  const folders = first.split("/");
  const others = last.split("/");
  const differs = folders.findIndex((folder, index) => folder !== others[index]);
  return folders
    .slice(0, differs < 0 ? folders.length : differs)
    .map((folder) => `${folder}/`)
    .join("");
}

/** A blob's bytes from an offset on; none where the blob isn't there. */
export async function* downloadFrom(
  container: ContainerClient,
  name: string,
  offset: number,
  signal: AbortSignal,
): AsyncIterable<Chunk> {
  let at = offset;
  try {
    const { readableStreamBody } = await container
      .getBlobClient(name)
      .download(offset, undefined, { abortSignal: signal, maxRetryRequests: 3 });
    for await (const bytes of (readableStreamBody ?? []) as AsyncIterable<Buffer>) {
      yield { file: { name }, offset: at, bytes };
      at += bytes.length;
    }
  } catch (error) {
    if (error instanceof RestError && error.code === "BlobNotFound") return;
    throw explained(error, container);
  }
}

/** What the service's refusals mean here. */
export function explained(error: unknown, { url }: ContainerClient): unknown {
  if (!(error instanceof RestError)) return error;
  const where = url.replace(/\?.*$/, "");
  const meanings: Readonly<Record<string, string>> = {
    ContainerNotFound:
      "there is no such container. A diagnostic setting makes it with the first line; until then there is no trail.",
    AuthenticationFailed:
      "the sign-in was refused. A shared access signature may have ended, or an account key have been changed.",
    AuthorizationFailure:
      "the account's firewall doesn't let this machine in. Use --connect-to with a tunnel, or read the mount on the VM.",
    AuthorizationPermissionMismatch:
      "you may not read its blobs. The role Storage Blob Data Reader allows it.",
    KeyBasedAuthenticationNotPermitted:
      "the account takes no keys. Sign in with the role Storage Blob Data Reader.",
  };
  const meaning = meanings[error.code ?? ""];
  if (meaning) return new UserError(`${where}: ${meaning} (${error.code})`);
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
    return new UserError(
      `${new URL(where).host} isn't known to the name service. Is the account still there, and the network up? ` +
        'For a lab on local Azure: eval "$(npm run -s lab:env)", or npm run lab:audit.',
    );
  }
  return error;
}
