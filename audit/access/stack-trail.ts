import { StorageManagementClient } from "@azure/arm-storage";
import { type ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { cloudFromEnvironment } from "../../azure/cloud";
import { credentialFromEnvironment } from "../../azure/credential";
import { flexibleServerFromEnvironment, parseFlexibleServerId } from "../../azure/flexible-server";
import { readTrailOutputs } from "../../cli/access/stack-outputs";
import { type Connection, containerClient } from "./container";

/** Where the trail of a stack's server is, and how its lines begin. */
export interface StackTrail {
  readonly container: ContainerClient;
  readonly serverId: string;
  /** The server's log_line_prefix as it is now; undefined where the server didn't say. */
  readonly logLinePrefix?: string;
}

/**
 * Finds a stack's storage account by its outputs, and signs in as the project does: the ARM_* variables, else `az login`.
 * The account's key comes from the Resource Manager; where it takes no keys, or you may not list them, the
 * sign-in itself has to have the role Storage Blob Data Reader.
 */
export async function findStackTrail(
  stack: string | undefined,
  env: NodeJS.ProcessEnv,
  connection: Connection,
): Promise<StackTrail> {
  const outputs = await readTrailOutputs({ stack, env });
  const cloud = await cloudFromEnvironment(env);
  const credential = credentialFromEnvironment(env, cloud);
  const { subscriptionId } = parseFlexibleServerId(outputs.serverId);
  const storage = new StorageManagementClient(credential, subscriptionId, {
    endpoint: cloud.resourceManager,
  });
  const { resourceGroupName, storageAccountName, blobEndpoint, containerName } = outputs;
  const [key, logLinePrefix] = await Promise.all([
    storage.storageAccounts.listKeys(resourceGroupName, storageAccountName).then(
      ({ keys }) => keys?.[0]?.value,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 403) return undefined;
        throw error;
      },
    ),
    readLogLinePrefix(outputs.serverId, env),
  ]);
  const container = containerClient(
    `${blobEndpoint.replace(/\/$/, "")}/${containerName}`,
    key === undefined ? credential : new StorageSharedKeyCredential(storageAccountName, key),
    connection,
  );
  return { container, serverId: outputs.serverId, logLinePrefix };
}

/** A server that is gone or stopped leaves its trail behind; the prefix is recognised from the lines then. */
async function readLogLinePrefix(
  serverId: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    const { client, resourceGroupName, serverName } = await flexibleServerFromEnvironment(
      serverId,
      env,
    );
    const { value } = await client.configurations.get(
      resourceGroupName,
      serverName,
      "log_line_prefix",
    );
    return value;
  } catch {
    return undefined;
  }
}
