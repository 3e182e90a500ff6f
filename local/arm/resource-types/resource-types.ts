import { randomUUID } from "node:crypto";
import { type FlexibleServers } from "../../backends/postgres/flexible-servers";
import { type StorageBackend } from "../../backends/storage-accounts";
import { type VirtualMachineBackend } from "../../backends/virtual-machine/virtual-machines";
import { type ResourceType } from "../resource-type";
import { managementLock, roleAssignment, roleDefinition } from "./authorization";
import { blobService } from "./blob-service";
import { withCommonRules } from "./common";
import { virtualMachine } from "./compute";
import { diagnosticSetting } from "./diagnostic-setting";
import { keyVault, vaultKey } from "./key-vault";
import { eventHub, eventHubAuthorizationRule, eventHubNamespace } from "./event-hub";
import { savedSearch, scheduledQueryRule, workspace } from "./log-analytics";
import { type MachineAddresses } from "./network/machine-addresses";
import { networkInterface } from "./network/network-interface";
import { privateDnsZone, virtualNetworkLink } from "./network/private-dns";
import { privateDnsZoneGroup, privateEndpoint } from "./network/private-endpoint";
import { publicIpAddress } from "./network/public-ip-address";
import { networkSecurityGroup } from "./network/security-group";
import { subnet, virtualNetwork } from "./network/virtual-network";
import { administrator } from "./postgresql/administrator";
import { configuration } from "./postgresql/configuration";
import { database } from "./postgresql/database";
import { firewallRule } from "./postgresql/firewall-rule";
import { flexibleServer } from "./postgresql/flexible-server";
import { BusyWindow } from "./postgresql/server-state";
import { resourceGroup } from "./resource-group";
import { blobContainer, storageAccount } from "./storage";
import { immutabilityPolicy, managementPolicy } from "./storage-retention";
import { schedule } from "./schedule";
import { userAssignedIdentity } from "./user-assigned-identity";

/** The real processes behind the API. */
export interface Backends {
  readonly servers: FlexibleServers;
  readonly storage: StorageBackend;
  readonly virtualMachines: VirtualMachineBackend;
  readonly addresses: MachineAddresses;
}

export interface ResourceTypeOptions {
  /** Tenant of managed identities. @default one that nobody else has */
  readonly tenantId?: string;
  /** How long a new flexible server still answers writes with ServerIsBusy. @default 0 */
  readonly busyWindowSeconds?: number;
  /** Milliseconds of a clock. @default Date.now */
  readonly now?: () => number;
  /** Names of storage accounts, servers and key vaults in other subscriptions. @default none */
  readonly namesTakenElsewhere?: readonly string[];
}

/** Every resource type of local Azure. */
export function resourceTypes(
  { servers, storage, virtualMachines, addresses }: Backends,
  {
    tenantId = randomUUID(),
    busyWindowSeconds = 0,
    now = Date.now,
    namesTakenElsewhere: taken = [],
  }: ResourceTypeOptions = {},
): ResourceType[] {
  const namesTakenElsewhere = new Set(taken);
  const context = {
    servers,
    busyWindow: new BusyWindow(busyWindowSeconds, now),
    namesTakenElsewhere,
    now,
  };
  const types = [
    resourceGroup,
    virtualNetwork,
    subnet,
    networkSecurityGroup,
    publicIpAddress(addresses),
    networkInterface(addresses),
    privateDnsZone,
    virtualNetworkLink,
    privateEndpoint,
    privateDnsZoneGroup,
    storageAccount(storage, namesTakenElsewhere),
    blobService,
    managementPolicy(storage),
    blobContainer(storage),
    immutabilityPolicy(storage),
    flexibleServer(context),
    database(context),
    firewallRule(context),
    administrator(context),
    configuration(context),
    diagnosticSetting,
    workspace,
    savedSearch,
    scheduledQueryRule,
    eventHubNamespace,
    eventHub,
    eventHubAuthorizationRule,
    virtualMachine(virtualMachines, addresses, tenantId),
    userAssignedIdentity(tenantId),
    schedule,
    keyVault(context),
    vaultKey,
    roleAssignment,
    roleDefinition,
    managementLock,
  ];
  return types.map(withCommonRules);
}
