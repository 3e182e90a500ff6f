import { FlexibleServers } from "../../backends/postgres";
import { StorageBackend } from "../../backends/storage";
import { VirtualMachineBackend } from "../../backends/virtual-machine";
import { ResourceType } from "../resource-type";
import { roleAssignment } from "./authorization";
import { virtualMachine } from "./compute";
import { schedule } from "./devtestlab";
import { diagnosticSetting } from "./diagnostic-setting";
import * as network from "./network";
import * as postgresql from "./postgresql";
import { privateDnsZone, virtualNetworkLink } from "./private-dns";
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

/** Every resource type of local Azure. */
export function resourceTypes(backends: Backends): ResourceType[] {
  return [
    resourceGroup,
    network.virtualNetwork,
    network.subnet,
    network.networkSecurityGroup,
    network.publicIpAddress(backends.publicAddress),
    network.networkInterface,
    privateDnsZone,
    virtualNetworkLink,
    storageAccount(backends.storage),
    blobContainer(backends.storage),
    postgresql.flexibleServer(backends.servers),
    postgresql.database(backends.servers),
    postgresql.firewallRule(),
    postgresql.configuration(backends.servers),
    diagnosticSetting,
    virtualMachine(backends.virtualMachines),
    schedule,
    roleAssignment,
  ];
}
