import { type ResourceStore } from "../arm/resource-store";
import { VIRTUAL_MACHINES } from "../arm/resource-type-names";
import { machineKeyOf } from "../arm/resource-types/network/machine-addresses";
import { type LogShipper } from "../backends/log-shipper/log-shipper";
import { type PackageService } from "../backends/package-repository/server";
import { type FlexibleServers } from "../backends/postgres/flexible-servers";
import { type GatewayProcess } from "../backends/postgres/gateway/gateway-process";
import { type StorageBackend } from "../backends/storage-accounts";
import { machineLabel } from "../backends/virtual-machine/machine-key";
import { type VirtualMachineBackend } from "../backends/virtual-machine/virtual-machines";
import { type LabPaths } from "../paths";
import { localAzureLogFile } from "./process-list";
import { type Part } from "./supervision/part";

export interface PartSources {
  readonly paths: LabPaths;
  readonly store: ResourceStore;
  readonly servers: FlexibleServers;
  readonly gateway: GatewayProcess;
  readonly storage: StorageBackend;
  readonly virtualMachines: VirtualMachineBackend;
  readonly packages: PackageService;
  readonly shipper: LogShipper;
}

/** What local Azure supervises, in the order of the start: a VM's mount and the log shipper need Azurite. */
export const supervisedParts = (sources: PartSources) => (): Part[] => {
  const { paths, store, servers, gateway, storage, virtualMachines, packages, shipper } = sources;
  const serverNames = servers.names();
  const logFile = localAzureLogFile(paths);
  return [
    ...(storage.isNeeded ? [azurite(storage)] : []),
    ...serverNames.map((name) => server(servers, name)),
    ...(serverNames.length > 0 ? [postgresGateway(gateway)] : []),
    packageRepository(packages, logFile),
    logShipper(shipper, logFile),
    ...store
      .ofType(VIRTUAL_MACHINES)
      .map(({ id }) => machineKeyOf(id))
      .filter((key) => virtualMachines.state(key) !== "absent")
      .map((key, _, all) => virtualMachine(virtualMachines, key, machineLabel(key, all))),
  ];
};

/** A probe of Azurite waits so long: at full load it answers late. */
const AZURITE_SECONDS = 15;

/** Silent for a minute before it is restarted; it may read its database for ten. */
const azurite = (storage: StorageBackend): Part => ({
  name: "Azurite",
  logFile: storage.logFile,
  probe: { everySeconds: 5, count: 3, countWhileStarting: 120, whenSilent: "restart" },
  stoppedBy: () => undefined,
  isBusy: () => storage.isBusy,
  isRunning: () => storage.isRunning,
  howItEnded: () => storage.howItEnded,
  problem: async () => {
    if (await storage.answers(AZURITE_SECONDS)) return undefined;
    if (!(await storage.isListening())) return { text: "doesn't listen yet", isStarting: true };
    return { text: "doesn't answer" };
  },
  start: () => storage.start(),
  stop: () => storage.close(),
  restart: async () => {
    await storage.close();
    await storage.start();
  },
});

/** Suspended for a minute before it is restarted; a replay after a crash may take ten. */
const server = (servers: FlexibleServers, name: string): Part => ({
  name: "PostgreSQL",
  instance: name,
  logFile: servers.startLogFile(name),
  probe: { everySeconds: 15, count: 4, countWhileStarting: 40, whenSilent: "restart" },
  stoppedBy: () => (servers.isStopped(name) ? "through the API" : undefined),
  isBusy: () => servers.isBusy(name),
  isRunning: () => servers.isRunning(name),
  howItEnded: () => servers.howItEnded(name),
  problem: async () => servers.problem(name),
  start: () => servers.resume(name),
  stop: () => servers.endProcess(name),
  restart: () => (servers.isStopped(name) ? servers.start(name) : servers.restart(name)),
});

const postgresGateway = (gateway: GatewayProcess): Part => ({
  name: "PostgreSQL gateway",
  logFile: gateway.logFile,
  probe: { everySeconds: 5, count: 3, whenSilent: "restart" },
  stoppedBy: () => undefined,
  isBusy: () => false,
  isRunning: () => gateway.isRunning,
  howItEnded: () => gateway.howItEnded,
  problem: async () => ((await gateway.answers()) ? undefined : { text: "doesn't answer" }),
  start: () => gateway.start(),
  stop: () => gateway.stop(),
  restart: async () => {
    await gateway.stop();
    await gateway.start();
  },
});

/** A guest under emulation can be silent for minutes, so it is only reported. */
const virtualMachine = (machines: VirtualMachineBackend, key: string, label: string): Part => ({
  name: "VM",
  instance: key,
  label,
  logFile: machines.consoleFile(key),
  needs: ["Azurite"],
  probe: { everySeconds: 30, count: 4, whenSilent: "report" },
  stoppedBy: () => machines.stoppedBy(key),
  isBusy: () => machines.isBusy(key),
  isRunning: () => machines.state(key) === "running",
  howItEnded: () => machines.howItEnded(key),
  problem: async () => {
    const text = await machines.problem(key);
    return text === undefined ? undefined : { text };
  },
  start: () => machines.start(key),
  stop: () => machines.endProcess(key),
  restart: () => machines.restart(key),
});

const packageRepository = (packages: PackageService, logFile: string): Part => ({
  name: "package repository",
  logFile,
  probe: { everySeconds: 5, count: 1, whenSilent: "restart" },
  stoppedBy: () => undefined,
  isBusy: () => false,
  isRunning: () => packages.isRunning,
  howItEnded: () => "stopped listening",
  problem: async () => undefined,
  start: () => packages.start(),
  stop: () => packages.close(),
  restart: async () => {
    await packages.close();
    await packages.start();
  },
});

/** It tries again every second by itself; what it reports isn't lost. */
const logShipper = (shipper: LogShipper, logFile: string): Part => ({
  name: "log shipper",
  logFile,
  probe: { everySeconds: 5, count: 3, whenSilent: "report" },
  stoppedBy: () => undefined,
  isBusy: () => false,
  isRunning: () => true,
  howItEnded: () => undefined,
  problem: async () =>
    shipper.problem === undefined ? undefined : { text: `can't ship: ${shipper.problem}` },
  start: async () => undefined,
  stop: async () => undefined,
  restart: async () => undefined,
});
