import { type FlexibleServers } from "../../backends/postgres";
import { type StorageBackend } from "../../backends/storage";
import { type VirtualMachineBackend } from "../../backends/virtual-machine";
import { type ResourceType } from "../resource-type";
import { roleAssignment } from "./authorization";
import { withCommonRules } from "./common-rules";
import { virtualMachine } from "./compute";
import { schedule } from "./devtestlab";
import { diagnosticSetting } from "./diagnostic-setting";
import * as network from "./network";
import { BusyWindow, flexibleServerTypes } from "./postgresql";
import { resourceGroup } from "./resource-group";
import { blobContainer, storageAccount } from "./storage";

/** The real processes behind the API. */
export interface Backends {
  readonly servers: FlexibleServers;
  readonly storage: StorageBackend;
  readonly virtualMachines: VirtualMachineBackend;
  /** The loopback address that VMs are reached at. */
  readonly publicAddress: string;
}

export interface ResourceTypeOptions {
  /** How long a new flexible server goes on answering writes with ServerIsBusy. @default 0 */
  readonly busyWindowSeconds?: number;
  /** Milliseconds of a clock. @default Date.now */
  readonly now?: () => number;
  /** Names of storage accounts and servers that others in Azure have. @default none */
  readonly namesTakenElsewhere?: readonly string[];
}

/** Every resource type of local Azure. */
export function resourceTypes(
  backends: Backends,
  { busyWindowSeconds = 0, now, namesTakenElsewhere = [] }: ResourceTypeOptions = {},
): ResourceType[] {
  const taken = new Set(namesTakenElsewhere);
  const busyWindow = new BusyWindow(busyWindowSeconds, now);
  const types = [
    resourceGroup,
    network.virtualNetwork,
    network.subnet,
    network.networkSecurityGroup,
    network.publicIpAddress(backends.publicAddress),
    network.networkInterface,
    network.privateDnsZone,
    network.virtualNetworkLink,
    storageAccount(backends.storage, taken),
    blobContainer(backends.storage),
    ...flexibleServerTypes({ servers: backends.servers, busyWindow, namesTakenElsewhere: taken }),
    diagnosticSetting,
    virtualMachine(backends.virtualMachines),
    schedule,
    roleAssignment,
  ];
  return types.map(withCommonRules);
}
