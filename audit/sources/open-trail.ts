import * as fs from "node:fs";
import type { TokenCredential } from "@azure/identity";
import type { Notify } from "../../common/notify";
import { UserError } from "../../common/user-error";
import type { AuditOptions } from "../options";
import { terminalText } from "../output/terminal-text";
import { serverTest } from "../select/filter";
import type { AccountKey } from "./container";
import { FileSource, type FileSourceOptions, StdinSource } from "./file-source";
import type { Source } from "./source";
import { errorCode } from "./unreadable";

/** Where the trail of a stack's server is. */
export interface StackTrail {
  /** `https://ACCOUNT.blob.core.windows.net/CONTAINER`. */
  readonly containerUrl: string;
  /** The account's key, or a sign-in with the role Storage Blob Data Reader. */
  readonly credential: AccountKey | TokenCredential;
  readonly serverId: string;
  /** The server's current log_line_prefix; undefined if it is unknown. */
  readonly logLinePrefix?: string;
}

/** What a program that contains the reader adds to it. */
export interface TrailHost {
  /** Finds the trail of a stack, undefined for the default one; without it there is no option --stack. */
  readonly findStackTrail?: (stack: string | undefined) => Promise<StackTrail>;
  /** Signs in to the storage account of --container-url. @default DefaultAzureCredential */
  readonly credential?: () => Promise<TokenCredential>;
}

export interface OpenedTrail {
  readonly source: Source;
  /** Known before a line is read. */
  readonly logLinePrefix?: string;
}

type Place = Pick<
  AuditOptions,
  "paths" | "stack" | "containerUrl" | "connectTo" | "intervalSeconds" | "filters"
>;

/** Opens the trail that the options name: paths, a container, or a stack's container. */
export async function openTrail(
  { paths, stack, containerUrl, connectTo, intervalSeconds, filters }: Place,
  host: TrailHost & { readonly env: NodeJS.ProcessEnv },
  notify: Notify,
): Promise<OpenedTrail> {
  const isServerWanted = serverTest(filters.server);
  const reading = { isServerWanted, intervalSeconds, notify };
  if (paths.length > 0) return { source: pathSource({ paths, ...reading }) };
  const { BlobSource, containerByUrl, containerClient, serverFolder } = azureModules();
  if (containerUrl !== undefined) {
    const container = await containerByUrl(containerUrl, { ...host, connectTo });
    return { source: new BlobSource({ container, ...reading }) };
  }
  if (!host.findStackTrail) throw new Error("neither paths nor a container were given");
  const trail = await host.findStackTrail(stack);
  const container = containerClient(trail.containerUrl, trail.credential, connectTo);
  const serverFolders = [serverFolder(trail.serverId)];
  return {
    source: new BlobSource({ container, serverFolders, ...reading }),
    logLinePrefix: trail.logLinePrefix,
  };
}

/** Loaded only for a storage account, because Azure's libraries take longer to load than a file to read. */
function azureModules() {
  /* eslint-disable @typescript-eslint/no-require-imports -- import() of TypeScript uses tsx's slower loader */
  return {
    ...(require("./blob-source") as typeof import("./blob-source")),
    ...(require("./container") as typeof import("./container")),
  };
  /* eslint-enable @typescript-eslint/no-require-imports */
}

function pathSource(options: FileSourceOptions): Source {
  const { paths } = options;
  if (!paths.includes("-")) {
    const missing = paths.filter(isMissing).map(terminalText);
    if (missing.length > 0) throw new UserError(`No such file or folder: ${missing.join(", ")}.`);
    return new FileSource(options);
  }
  if (paths.length > 1) {
    throw new UserError("- is standard input; it can't be combined with other paths.");
  }
  return new StdinSource(process.stdin, options.notify);
}

/** Not if it exists but can't be read: the reading reports that. */
function isMissing(path: string): boolean {
  try {
    fs.statSync(path);
    return false;
  } catch (error) {
    const code = errorCode(error);
    return code === "ENOENT" || code === "ENOTDIR";
  }
}
