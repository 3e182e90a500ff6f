import { type ContainerClient } from "@azure/storage-blob";
import * as fs from "node:fs";
import * as path from "node:path";
import { type Notify } from "../../common/notify";
import { parseFaults } from "../arm/faults/fault";
import { ResourceStore } from "../arm/resource-store";
import { FLEXIBLE_SERVERS, VIRTUAL_MACHINES } from "../arm/resource-type-names";
import { resourceTypes } from "../arm/resource-types/resource-types";
import { logSinks } from "../arm/resource-types/diagnostic-setting";
import { startArmServer } from "../arm/server";
import { Timing } from "../arm/timing";
import { LogShipper, type LogSource } from "../backends/log-shipper/log-shipper";
import { ensurePackageRepository } from "../backends/package-repository/package-repository";
import { servePackageRepository } from "../backends/package-repository/server";
import { FlexibleServers } from "../backends/postgres/flexible-servers";
import { StorageBackend } from "../backends/storage-accounts";
import { VirtualMachineBackend } from "../backends/virtual-machine/virtual-machines";
import { ensureVmImage } from "../image/vm-image";
import { type LabPaths } from "../paths";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
  type TlsFiles,
} from "../tls/certificate-authority";
import { type Emulation } from "./emulation-options";
import { type LabSettings, SSH_PORT } from "./settings";

const LOG_CONTAINER = "insights-logs-postgresqllogs";

export interface LocalAzure {
  /** Base URL of the Resource Manager. */
  readonly armUrl: string;
  /** Ends the API and its processes; the data is kept. */
  close(): Promise<void>;
}

/** Starts local Azure: the Resource Manager in this process, and the processes of its resources. */
export async function startLocalAzure(
  paths: LabPaths,
  settings: LabSettings,
  emulation: Emulation,
  notify: Notify,
): Promise<LocalAzure> {
  const { ports, vmAddress } = settings;
  await ensureCertificateAuthority(paths);
  const certificate = (name: string, dnsNames: string[]) =>
    ensureServerCertificate(paths, name, dnsNames);
  const tls = {
    arm: await certificate("arm", ["localhost"]),
    blob: await certificate("blob", ["*.blob.core.windows.net"]),
    packages: await certificate("packages", ["packages.microsoft.com"]),
    postgres: await certificate("postgres", ["*.postgres.database.azure.com"]),
  };
  const store = new ResourceStore(paths.arm);
  const servers = new FlexibleServers({ paths, port: ports.postgres, tls: tls.postgres, notify });
  const storage = new StorageBackend({ paths, port: ports.blob, tls: tls.blob });
  const virtualMachines = new VirtualMachineBackend(
    paths,
    () => ensureVmImage(paths, notify),
    { blobPort: ports.blob, packagesPort: ports.packages, postgresPort: ports.postgres },
    { host: vmAddress, port: SSH_PORT },
  );
  const timing = new Timing(emulation.timing);
  const backends = { servers, storage, virtualMachines, publicAddress: vmAddress };
  const types = resourceTypes(backends, { busyWindowSeconds: timing.busyWindowSeconds });
  // Checked before anything is started.
  parseFaults(
    emulation.faults,
    types.map(({ type }) => type),
  );
  await servers.resume();
  await storage.start();
  const packages = await servePackageRepository(await ensurePackageRepository(paths, notify), {
    port: ports.packages,
    tls: readTls(tls.packages),
    notify,
  });
  const shipper = new LogShipper(
    () => logSources({ paths, store, servers, storage, timing }),
    (problem) => notify(`log shipper: ${problem}`),
  );
  shipper.start();
  const { tenantId, clientId, subscriptionId } = settings;
  const arm = await startArmServer({
    port: ports.arm,
    tls: readTls(tls.arm),
    subscriptionId,
    identity: {
      tenantId,
      clientId,
      clientSecret: fs.readFileSync(paths.clientSecret, "utf8").trim(),
    },
    store,
    types,
    timing,
    restarts: {
      azurite: async () => {
        await storage.close();
        await storage.start();
      },
      postgres: async () => {
        for (const { name } of store.ofType(FLEXIBLE_SERVERS)) await servers.restart(name);
      },
      vm: async () => {
        for (const { name } of store.ofType(VIRTUAL_MACHINES)) await virtualMachines.restart(name);
      },
    },
    notify,
  });
  arm.faults.arm(emulation.faults);
  const machines = resumeMachines(store, virtualMachines, notify);
  return {
    armUrl: arm.url,
    close: async () => {
      await machines;
      await arm.close();
      await packages.close();
      await shipper.close();
      for (const { name } of store.ofType(VIRTUAL_MACHINES)) await virtualMachines.powerOff(name);
      await servers.close();
      await storage.close();
    },
  };
}

/** Starts the machines that are stopped after a restart of the host; the API doesn't wait for them. */
async function resumeMachines(
  store: ResourceStore,
  machines: VirtualMachineBackend,
  notify: Notify,
): Promise<void> {
  for (const { name } of store.ofType(VIRTUAL_MACHINES)) {
    if (machines.state(name) !== "stopped") continue;
    await machines.start(name).catch((error: unknown) => notify(`VM ${name}: ${String(error)}`));
  }
}

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
  const containers = new Map<string, ContainerClient>();
  for (const { storageAccountId } of due) {
    const account = store.get(storageAccountId)?.name;
    if (account === undefined) continue;
    const container = storage.client(account).getContainerClient(LOG_CONTAINER);
    await container.createIfNotExists();
    containers.set(account, container);
  }
  return containers;
}

const readTls = ({ key, cert }: TlsFiles) => ({
  key: fs.readFileSync(key, "utf8"),
  cert: fs.readFileSync(cert, "utf8"),
});
