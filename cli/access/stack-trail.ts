import { StorageManagementClient } from "@azure/arm-storage";
import type { StackTrail } from "../../audit";
import { cloudFromEnvironment } from "../../azure/cloud";
import { credentialFromEnvironment } from "../../azure/credential";
import { flexibleServerFromEnvironment, parseFlexibleServerId } from "../../azure/flexible-server";
import { readTrailOutputs, type StackOptions } from "./stack-outputs";

/**
 * Finds a stack's storage account by the stack's outputs, and signs in as the program does: with the ARM_* variables,
 * otherwise with `az login`. The account's key comes from the Resource Manager; if the account accepts no keys or you may not
 * list them, the sign-in needs the role Storage Blob Data Reader.
 */
export async function findStackTrail(options: StackOptions): Promise<StackTrail> {
  const { env = process.env } = options;
  const outputs = await readTrailOutputs(options);
  const cloud = await cloudFromEnvironment(env);
  const credential = credentialFromEnvironment(env, cloud);
  const { subscriptionId } = parseFlexibleServerId(outputs.serverId);
  const storage = new StorageManagementClient(credential, subscriptionId, {
    endpoint: cloud.resourceManager,
  });
  const { resourceGroupName, storageAccountName, blobEndpoint, containerName } = outputs;
  const [accountKey, logLinePrefix] = await Promise.all([
    readAccountKey(storage, resourceGroupName, storageAccountName),
    readLogLinePrefix(outputs.serverId, env),
  ]);
  return {
    containerUrl: `${blobEndpoint.replace(/\/$/, "")}/${containerName}`,
    credential: accountKey === undefined ? credential : { accountKey },
    serverId: outputs.serverId,
    logLinePrefix,
  };
}

/** Undefined where the account accepts no keys, or the sign-in may not read them. */
async function readAccountKey(
  { storageAccounts }: StorageManagementClient,
  resourceGroupName: string,
  accountName: string,
): Promise<string | undefined> {
  try {
    const account = await storageAccounts.getProperties(resourceGroupName, accountName);
    if (account.allowSharedKeyAccess === false) return undefined;
    const { keys } = await storageAccounts.listKeys(resourceGroupName, accountName);
    return keys?.[0]?.value;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 403) return undefined;
    throw error;
  }
}

/** Undefined if the server is deleted or stopped: its trail remains, and the reader recognises the prefix itself. */
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
