import { type TokenCredential } from "@azure/identity";
import { ContainerClient, newPipeline, StorageSharedKeyCredential } from "@azure/storage-blob";
import { cloudFromEnvironment } from "../../azure/cloud";
import { credentialFromEnvironment } from "../../azure/credential";
import { UserError } from "../../common/user-error";
import { type Address, ConnectToAgent } from "../access/connect-to";

/** How storage is reached. */
export interface Connection {
  /** Undefined: the address that the name service gives. */
  readonly connectTo?: Address;
}

/** @param credential undefined: the URL is signed */
export function containerClient(
  url: string,
  credential: StorageSharedKeyCredential | TokenCredential | undefined,
  { connectTo }: Connection,
): ContainerClient {
  const pipeline = newPipeline(credential);
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

/**
 * A container by its URL. Signs in with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, the variables of the az CLI,
 * where one is set; else as the project does, with the role Storage Blob Data Reader.
 * @throws UserError where the URL is none of a container
 */
export async function containerByUrl(
  text: string,
  env: NodeJS.ProcessEnv,
  connection: Connection,
): Promise<ContainerClient> {
  const { href, hostname } = parseContainerUrl(text);
  const { AZURE_STORAGE_SAS_TOKEN: signature, AZURE_STORAGE_KEY: key } = env;
  if (signature) {
    return containerClient(`${href}?${signature.replace(/^\?/, "")}`, undefined, connection);
  }
  const credential = key
    ? new StorageSharedKeyCredential(hostname.split(".")[0] ?? "", key)
    : credentialFromEnvironment(env, await cloudFromEnvironment(env));
  return containerClient(href, credential, connection);
}

function parseContainerUrl(text: string): URL {
  const rule =
    "--container-url takes https://<account>.blob.core.windows.net/<container>, where diagnostic settings write " +
    "to the container insights-logs-postgresqllogs";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`"${text}" is no URL. ${rule}.`);
  }
  if (url.search !== "") {
    throw new UserError(
      "A signature in --container-url would stand in the list of processes and in the shell's history. " +
        "Put it into the variable AZURE_STORAGE_SAS_TOKEN, and change it if it was real.",
    );
  }
  if (url.protocol !== "https:" || url.pathname.split("/").filter(Boolean).length !== 1) {
    throw new UserError(`"${text}" is no container's URL. ${rule}.`);
  }
  return url;
}
