import { PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import { cloudFromEnvironment } from "./cloud";
import { credentialFromEnvironment } from "./credential";
import { parseFlexibleServerId } from "./resource-id";

export interface FlexibleServer {
  readonly client: PostgreSQLManagementFlexibleServerClient;
  readonly resourceGroupName: string;
  readonly serverName: string;
}

/** A flexible server by its resource id, in the cloud and with the credentials that the ARM_* variables name. */
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
