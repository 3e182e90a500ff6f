import * as https from "node:https";
import * as tls from "node:tls";
import { DefaultAzureCredential, type TokenCredential } from "@azure/identity";
import { ContainerClient, newPipeline, StorageSharedKeyCredential } from "@azure/storage-blob";
import { UserError } from "../../common/user-error";
import type { Address } from "../options";

/** The key of the storage account that the URL names. */
export interface AccountKey {
  readonly accountKey: string;
}

/**
 * @param credential undefined if the URL is signed
 * @param connectTo connects to this address instead of the URL's host
 */
export function containerClient(
  url: string,
  credential: AccountKey | TokenCredential | undefined,
  connectTo: Address | undefined,
): ContainerClient {
  const pipeline = newPipeline(
    credential && "accountKey" in credential
      ? new StorageSharedKeyCredential(
          new URL(url).hostname.split(".")[0] ?? "",
          credential.accountKey,
        )
      : credential,
  );
  if (connectTo) {
    const agent = new ConnectToAgent(connectTo);
    pipeline.factories.push({
      create: (next) => ({
        sendRequest: (request) => {
          request.agent = agent;
          return next.sendRequest(request);
        },
      }),
    });
  }
  return new ContainerClient(url, pipeline);
}

/** Connects to one address for every host; TLS still verifies the certificate for the host's name. */
export class ConnectToAgent extends https.Agent {
  constructor(private readonly address: Address) {
    super({ keepAlive: true });
  }

  createConnection(options: tls.ConnectionOptions): tls.TLSSocket {
    return tls.connect({ ...options, ...this.address });
  }
}

export interface ContainerAccess {
  readonly env: NodeJS.ProcessEnv;
  /** The sign-in without key and signature. @default DefaultAzureCredential */
  readonly credential?: () => Promise<TokenCredential>;
  readonly connectTo?: Address;
}

/**
 * Opens a container by its URL. Signs in with AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_KEY, the az CLI's variables, if
 * one is set, otherwise with a credential that needs the role Storage Blob Data Reader.
 * @throws UserError if the URL isn't a container's
 */
export async function containerByUrl(
  text: string,
  { env, credential, connectTo }: ContainerAccess,
): Promise<ContainerClient> {
  const { href } = parseContainerUrl(text);
  const { AZURE_STORAGE_SAS_TOKEN: signature, AZURE_STORAGE_KEY: accountKey } = env;
  if (signature) {
    return containerClient(`${href}?${signature.replace(/^\?/, "")}`, undefined, connectTo);
  }
  const signIn = credential ?? (async () => new DefaultAzureCredential());
  return containerClient(href, accountKey ? { accountKey } : await signIn(), connectTo);
}

function parseContainerUrl(text: string): URL {
  const rule =
    "--container-url takes https://<account>.blob.core.windows.net/<container>; diagnostic settings write " +
    "to the container insights-logs-postgresqllogs";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`"${text}" is not a URL. ${rule}.`);
  }
  if (url.search !== "") {
    throw new UserError(
      "A signature in --container-url would be visible in the list of processes and in the shell's history. " +
        "Set the variable AZURE_STORAGE_SAS_TOKEN instead, and replace the signature if it is valid.",
    );
  }
  if (url.protocol !== "https:" || url.pathname.split("/").filter(Boolean).length !== 1) {
    throw new UserError(`"${text}" is not the URL of a container. ${rule}.`);
  }
  return url;
}
