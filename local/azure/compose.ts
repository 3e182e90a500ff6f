import * as fs from "node:fs";
import { type Notify } from "../../common/notify";
import { sharedRun } from "../../common/shared-run";
import { parseFaults } from "../arm/faults/fault";
import { LOGIN_HOST } from "../arm/identity";
import { InstanceMetadata } from "../arm/instance-metadata";
import { ResourceStore } from "../arm/resource-store";
import { MachineAddresses } from "../arm/resource-types/network/machine-addresses";
import { resourceTypes } from "../arm/resource-types/resource-types";
import { startArmServer } from "../arm/server";
import { keepStorageAccess } from "../arm/storage-access";
import { Timing } from "../arm/timing";
import { LogShipper } from "../backends/log-shipper/log-shipper";
import { readShipmentState } from "../backends/log-shipper/shipment-state";
import { ensurePackageRepository } from "../backends/package-repository/package-repository";
import { PackageService } from "../backends/package-repository/server";
import { FlexibleServers } from "../backends/postgres/flexible-servers";
import { GatewayProcess } from "../backends/postgres/gateway/gateway-process";
import { StorageBackend } from "../backends/storage-accounts";
import { VirtualMachineBackend } from "../backends/virtual-machine/virtual-machines";
import { ensureVmImage } from "../image/vm-image";
import { type LabPaths } from "../paths";
import { LOOPBACK } from "../../common/ports";
import { TokenAuthority } from "../tokens/token-authority";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
  type TlsFiles,
} from "../tls/certificate-authority";
import { type Emulation } from "./emulation-options";
import { logSources } from "./log-sources";
import { supervisedParts } from "./parts";
import { RESTARTABLE } from "./restart";
import { type LabSettings, readClientSecret, SSH_PORT } from "./settings";
import { recordEvent, writeReports } from "./supervision/journal";
import { eventName } from "./supervision/part";
import { Supervisor } from "./supervision/supervisor";

/** Azure evaluates lifecycle policies about once a day. Source: its "Azure Blob Storage lifecycle management overview". */
const LIFECYCLE_MILLISECONDS = 24 * 60 * 60_000;

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
  const { ports, vmAddress, tenantId, clientId, subscriptionId } = settings;
  await ensureCertificateAuthority(paths);
  const certificate = (name: string, dnsNames: string[]) =>
    ensureServerCertificate(paths, name, dnsNames);
  const tls = {
    arm: await certificate("arm", ["localhost", LOGIN_HOST]),
    blob: await certificate("blob", ["*.blob.core.windows.net"]),
    packages: await certificate("packages", ["packages.microsoft.com"]),
    postgres: await certificate("postgres", ["*.postgres.database.azure.com"]),
  };
  const store = new ResourceStore(paths.arm);
  const gateway = new GatewayProcess(paths, ports.postgres);
  const servers = new FlexibleServers({
    ...{ paths, port: ports.postgres, labAddress: vmAddress, gateway },
    ...{ tls: tls.postgres, notify },
  });
  const storage = new StorageBackend({ paths, port: ports.blob, tls: tls.blob });
  const tokens = new TokenAuthority(paths);
  const metadata = new InstanceMetadata({
    store,
    tokens,
    tenantId,
    resourceManager: `https://${LOOPBACK}:${ports.arm}`,
  });
  const virtualMachines = new VirtualMachineBackend(
    paths,
    sharedRun(() => ensureVmImage(paths, notify)),
    {
      armPort: ports.arm,
      blobPort: ports.blob,
      packagesPort: ports.packages,
      postgresPort: ports.postgres,
    },
    SSH_PORT,
    (machine) => metadata.listener(machine),
  );
  const timing = new Timing(emulation.timing);
  keepStorageAccess(store, storage, clientId, timing);
  const addresses = new MachineAddresses(store, virtualMachines, vmAddress);
  const backends = { servers, storage, virtualMachines, addresses };
  const types = resourceTypes(backends, { tenantId, busyWindowSeconds: timing.busyWindowSeconds });
  // Checked before anything is started.
  for (const { stateFile } of logSources({ paths, store, servers, storage })) {
    readShipmentState(stateFile);
  }
  parseFaults(
    emulation.faults,
    types.map(({ type }) => type),
  );
  const packages = new PackageService(() => ensurePackageRepository(paths, notify), {
    port: ports.packages,
    tls: readTls(tls.packages),
    notify,
  });
  const shipper = new LogShipper(
    () => logSources({ paths, store, servers, storage, timing }),
    (problem) => notify(`log shipper: ${problem}`),
  );
  shipper.start();
  const supervisor = new Supervisor({
    parts: supervisedParts({
      ...{ paths, store, servers, gateway, storage, virtualMachines, packages, shipper },
    }),
    onEvent: (event) => {
      recordEvent(paths, event);
      notify(`${eventName(event)}: ${event.text}`);
    },
    onReports: (reports) => writeReports(paths, reports),
  });
  const arm = await startArmServer({
    port: ports.arm,
    tls: readTls(tls.arm),
    subscriptionId,
    identity: {
      tenantId,
      clientId,
      clientSecret: () => readClientSecret(paths),
      tokens,
    },
    store,
    types,
    timing,
    restarts: Object.fromEntries(
      Object.entries(RESTARTABLE).map(([word, name]) => [
        word,
        (instance?: string) => supervisor.restart(name, instance),
      ]),
    ),
    passDays: (days) => storage.passDays(days),
    notify,
  });
  arm.faults.arm(emulation.faults);
  for (const key of await virtualMachines.deleteUnfit()) {
    notify(
      `VM ${key}: deleted, because its image was built again since; an update with --refresh creates it`,
    );
  }
  await virtualMachines.serveMetadata();
  supervisor.start();
  const lifecycle = setInterval(() => {
    storage.runLifecycle().catch((error: unknown) => notify(`lifecycle: ${String(error)}`));
  }, LIFECYCLE_MILLISECONDS);
  return {
    armUrl: arm.url,
    close: async () => {
      clearInterval(lifecycle);
      supervisor.close();
      await arm.close();
      await packages.close();
      await shipper.close();
      await virtualMachines.close();
      await servers.close();
      await storage.close();
    },
  };
}

const readTls = ({ key, cert }: TlsFiles) => ({
  key: fs.readFileSync(key, "utf8"),
  cert: fs.readFileSync(cert, "utf8"),
});
