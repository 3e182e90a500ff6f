import { PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import { cloudFromEnvironment } from "./cloud";
import { credentialFromEnvironment } from "./credential";

/** The parts of a flexible server's resource id. */
export interface FlexibleServerId {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly serverName: string;
}

const FLEXIBLE_SERVER =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/([^/]+)$/i;

/** Parses a flexible server's resource id; Azure varies its letter case. */
export function parseFlexibleServerId(id: string): FlexibleServerId {
  const [, subscriptionId, resourceGroupName, serverName] = FLEXIBLE_SERVER.exec(id) ?? [];
  if (!subscriptionId || !resourceGroupName || !serverName) {
    throw new Error(
      `"${id}" is not the resource id of a flexible server, which looks like ` +
        "/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.DBforPostgreSQL/flexibleServers/<name>",
    );
  }
  return { subscriptionId, resourceGroupName, serverName };
}

export interface FlexibleServer {
  readonly client: PostgreSQLManagementFlexibleServerClient;
  readonly resourceGroupName: string;
  readonly serverName: string;
}

/** A flexible server by its resource id, with the cloud and the credentials of the ARM_* variables. */
export async function flexibleServerFromEnvironment(
  resourceId: string,
  env: NodeJS.ProcessEnv,
): Promise<FlexibleServer> {
  const { subscriptionId, resourceGroupName, serverName } = parseFlexibleServerId(resourceId);
  const cloud = await cloudFromEnvironment(env);
  const client = new PostgreSQLManagementFlexibleServerClient(
    credentialFromEnvironment(env, cloud),
    subscriptionId,
    { endpoint: cloud.resourceManager },
  );
  return { client, resourceGroupName, serverName };
}
