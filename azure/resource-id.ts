/** The parts of a flexible server's resource id. */
export interface FlexibleServerId {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly serverName: string;
}

const FLEXIBLE_SERVER =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/([^/]+)$/i;

/** Takes a flexible server's resource id apart; letter case is Azure's to choose. */
export function parseFlexibleServerId(id: string): FlexibleServerId {
  const [, subscriptionId, resourceGroupName, serverName] = FLEXIBLE_SERVER.exec(id) ?? [];
  if (!subscriptionId || !resourceGroupName || !serverName) {
    throw new Error(
      `"${id}" is no flexible server's resource id; it looks like ` +
        "/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.DBforPostgreSQL/flexibleServers/<name>",
    );
  }
  return { subscriptionId, resourceGroupName, serverName };
}
