import type { ContainerClient } from "@azure/storage-blob";
import type { Notify } from "../../common/notify";
import { terminalText } from "../output/terminal-text";
import type { TimeRange } from "../select/time-range";
import {
  follow,
  type GrowingFile,
  type GrowingFiles,
  NEWEST_FILES,
  NEWEST_MILLISECONDS,
} from "./growth";
import {
  compareHourBlobs,
  folderMayContain,
  hourBlobName,
  hourFolder,
  hoursBetween,
  hoursOfRange,
  oldestGrowingHour,
  parseHourBlob,
  serverName,
  startOfHour,
} from "./hours";
import { blobPart, blobState, downloadFrom, explained, isTransient } from "./read-blob";
import type { Chunk, ShowRecent, Source, SourceFile } from "./source";
import { UnreadableFiles, untilUnreadable } from "./unreadable";

/** Up to this number, blobs are requested by name; for more, the container is listed first. */
const MAX_BLOBS_BY_NAME = 12;

/** Source: Azure Monitor, "Diagnostic settings". */
const NO_RECORDS_YET =
  "there are no records yet; Azure may take 90 minutes to deliver the first ones of a new diagnostic setting";

export interface BlobSourceOptions {
  readonly container: ContainerClient;
  /** `resourceId=/SUBSCRIPTIONS/.../<SERVER>` of each server to read. @default every server in the container */
  readonly serverFolders?: readonly string[];
  /** Whether to read a server, by its name. @default all */
  readonly isServerWanted?: (name: string) => boolean;
  /** @default the clock */
  readonly now?: () => Date;
  /** Between two polls while following. @default 1 */
  readonly intervalSeconds?: number;
  readonly notify: Notify;
}

/** The folder of a server in the container; Azure writes its resource id in capitals. */
export const serverFolder = (serverId: string): string => `resourceId=${serverId.toUpperCase()}`;

/** The trail in a storage account's container, in Azure Monitor's layout. */
export class BlobSource implements Source {
  /** Azure stores a record under the hour in which it received it. */
  readonly isPastFinal = true;
  readonly unreadable: UnreadableFiles;
  private readonly now: () => Date;

  constructor(private readonly options: BlobSourceOptions) {
    this.unreadable = new UnreadableFiles(options.notify);
    this.now = options.now ?? (() => new Date());
  }

  get description(): string {
    return this.options.container.url.replace(/\?.*$/, "");
  }

  async *read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    for (const file of await this.files(range, signal))
      yield* untilUnreadable(file.read(), this.unreadable);
  }

  async files(range: TimeRange, signal: AbortSignal): Promise<readonly SourceFile[]> {
    const names = await this.namesInRange(range, signal);
    return names.map((name) => ({
      name,
      read: (fromByte = 0) => downloadFrom(this.options.container, name, fromByte, signal),
    }));
  }

  async *follow(
    range: TimeRange,
    signal: AbortSignal,
    showRecent?: ShowRecent,
  ): AsyncIterable<Chunk> {
    const { container, notify, intervalSeconds = 1 } = this.options;
    const { now } = this;
    notify(`following ${terminalText(this.followed)}`);
    if (await this.isEmpty(signal)) notify(NO_RECORDS_YET);
    yield* follow({
      files: new GrowingBlobs({
        ...{ container, now, signal },
        servers: () => this.servers(signal),
        newest: (since) => this.namesInRange({ since }, signal),
      }),
      readBefore: range.since || range.all ? this.read(range, signal) : undefined,
      showRecent,
      // A storage account refuses or delays all blobs alike.
      concernsOneFile: () => false,
      unavailable: (reason) => `the storage account isn't available (${reason}); waiting for it`,
      availableAgain: "the storage account is available again",
      ...{ isTransient, intervalSeconds, now, notify, signal },
    });
  }

  /** The servers that were asked for, or all of the container. */
  private get followed(): string {
    const names = (this.options.serverFolders ?? []).map((folder) =>
      folder.split("/").at(-1)?.toLowerCase(),
    );
    return [...(names.length > 0 ? [names.join(", ")] : []), this.description].join(" in ");
  }

  /** Whether there is no blob yet; false if the account can't be asked now. */
  private async isEmpty(signal: AbortSignal): Promise<boolean> {
    const { container, serverFolders: [prefix] = [] } = this.options;
    try {
      const pages = container.listBlobsFlat({ prefix, abortSignal: signal });
      for await (const { segment } of pages.byPage({ maxPageSize: 1 })) {
        if (segment.blobItems.length > 0) return false;
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Blobs that may contain records of the range, oldest first. For few blobs no listing is needed. */
  private async namesInRange(range: TimeRange, signal: AbortSignal): Promise<string[]> {
    const thisHour = startOfHour(this.now());
    const { first, last = thisHour } = hoursOfRange(range);
    const servers = await this.servers(signal);
    if (first) {
      const hours = hoursBetween(first, last < thisHour ? last : thisHour);
      if (hours.length * servers.length <= MAX_BLOBS_BY_NAME) {
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
        if (blob && folderMayContain(name.slice(0, name.lastIndexOf("/")), range)) blobs.push(blob);
      }
    }
    return blobs.sort(compareHourBlobs).map(hourBlobName);
  }

  private async servers(signal: AbortSignal): Promise<readonly string[]> {
    const { container, serverFolders, isServerWanted, notify } = this.options;
    const all = serverFolders ?? (await serversBelow(container, "", signal));
    const wanted = all.filter((folder) => {
      const name = serverName(folder);
      return name === undefined || !isServerWanted || isServerWanted(name);
    });
    if (wanted.length === 0 && all.length > 0) {
      notify(`--server leaves out every server: ${all.map(serverName).join(", ")}`);
    }
    return wanted;
  }
}

/** The folders that contain a `y=` folder; only the levels above it are listed. */
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

interface GrowingBlobsOptions {
  readonly container: ContainerClient;
  readonly servers: () => Promise<readonly string[]>;
  /** Names of the blobs since a time, oldest first; some may not exist. */
  readonly newest: (since: Date) => Promise<readonly string[]>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** The servers' blobs of the hours that may still grow; the servers are looked up once an hour. */
class GrowingBlobs implements GrowingFiles {
  private servers: readonly string[] = [];
  private hour = 0;
  private from: Date;

  constructor(private readonly options: GrowingBlobsOptions) {
    this.from = oldestGrowingHour(options.now());
  }

  async list(): Promise<GrowingFile[]> {
    const now = this.options.now();
    const hour = startOfHour(now).getTime();
    if (hour !== this.hour || this.servers.length === 0) {
      this.servers = await this.options.servers();
      this.hour = hour;
    }
    return hoursBetween(this.from, now).flatMap((each) =>
      this.servers.map((resource) => this.blob(hourBlobName({ resource, hour: each }))),
    );
  }

  async newest(): Promise<GrowingFile[]> {
    const since = new Date(this.options.now().getTime() - NEWEST_MILLISECONDS);
    return (await this.options.newest(since)).slice(-NEWEST_FILES).map((name) => this.blob(name));
  }

  wereReadAt(time: Date): void {
    this.from = oldestGrowingHour(time);
  }

  private blob(name: string): GrowingFile {
    const { container, signal } = this.options;
    return {
      name,
      state: () => blobState(container, name, signal),
      part: (fromByte, toByte) => blobPart(container, name, [fromByte, toByte], signal),
      read: (offset) => downloadFrom(container, name, offset, signal),
    };
  }
}
