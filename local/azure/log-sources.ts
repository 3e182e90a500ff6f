import { type ContainerClient } from "@azure/storage-blob";
import * as path from "node:path";
import { logSinks } from "../arm/resource-types/diagnostic-setting";
import { type ResourceStore } from "../arm/resource-store";
import { FLEXIBLE_SERVERS } from "../arm/resource-type-names";
import { Timing } from "../arm/timing";
import { type LogSource } from "../backends/log-shipper/log-shipper";
import { type FlexibleServers } from "../backends/postgres/flexible-servers";
import { type StorageBackend } from "../backends/storage-accounts";
import { type LabPaths } from "../paths";

const LOG_CONTAINER = "insights-logs-postgresqllogs";

export interface LogParts {
  readonly paths: LabPaths;
  readonly store: ResourceStore;
  readonly servers: FlexibleServers;
  readonly storage: StorageBackend;
  /** @default settings deliver at once */
  readonly timing?: Timing;
}

/** The log shipper's sources and targets for the current resources. */
export function logSources({ paths, store, servers, storage, timing }: LogParts): LogSource[] {
  return store.ofType(FLEXIBLE_SERVERS).map(({ id, name, shown }) => ({
    resourceId: id,
    location: String(shown.location),
    logFolder: servers.logFolder(name),
    stateFile: path.join(paths.postgres, name, "shipped.json"),
    logLinePrefix: () => servers.logLinePrefix(name),
    containers: () => logContainers({ store, storage, timing }, id),
  }));
}

/** The containers for a server's log, by their storage accounts; a deleted account is left out. */
async function logContainers(
  { store, storage, timing = new Timing() }: Pick<LogParts, "store" | "storage" | "timing">,
  serverId: string,
): Promise<Map<string, ContainerClient> | "not yet"> {
  const sinks = logSinks(store, serverId);
  const due = sinks.filter(
    ({ createdAt }) => Date.now() >= createdAt + timing.firstDeliverySeconds * 1000,
  );
  if (due.length === 0 && sinks.length > 0) return "not yet";
  // While Azurite is restarted, the lines wait.
  if (due.length > 0 && !storage.isRunning) return "not yet";
  const containers = new Map<string, ContainerClient>();
  for (const { storageAccountId } of due) {
    const account = store.get(storageAccountId)?.name;
    if (account === undefined) continue;
    // The shipper tries again itself, and must learn of each failure at once.
    const client = storage.client(account, { retryOptions: { maxTries: 1 } });
    containers.set(account, client.getContainerClient(LOG_CONTAINER));
  }
  return containers;
}
