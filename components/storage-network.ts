import * as network from "@pulumi/azure-native/network";
import * as storage from "@pulumi/azure-native/storage";
import { type input } from "@pulumi/azure-native/types";
import * as pulumi from "@pulumi/pulumi";
import ipaddr from "ipaddr.js";
import { type LabConfig } from "../config/schema";
import { type AuditLogStorage } from "./audit-log-storage";
import { componentType, type PlacementArgs } from "./component";
import { type LabNetwork } from "./network";
import { createPrivateZone } from "./private-zone";

/** Azure Monitor is a trusted service. Source: Azure Monitor, "Diagnostic settings", destination limitations. */
const TRUSTED_SERVICES = storage.Bypass.AzureServices;

/**
 * Who reaches the storage account by its public endpoint; every request has to be signed in too.
 *
 * With a private endpoint, the public one isn't switched off: it is closed for all but Azure's trusted services. Azure's
 * documentation says that they pass a `publicNetworkAccess` of Disabled too, but "might" only ("Azure Storage firewall rules",
 * default access rule), and where it was tried, logs were no longer delivered (terraform-azurerm-container-apps-hosting 388).
 */
export function storageNetworkRules(
  {
    storageNetworkAccess: access,
    sshSourceAddressPrefixes,
  }: Pick<LabConfig, "storageNetworkAccess" | "sshSourceAddressPrefixes">,
  network: LabNetwork | undefined,
): input.storage.NetworkRuleSetArgs {
  const isTrusted = access === "trusted";
  return {
    defaultAction: access === "public" ? storage.DefaultAction.Allow : storage.DefaultAction.Deny,
    bypass: TRUSTED_SERVICES,
    // By its subnet: Azure ignores rules for addresses within the account's region. Source: "Azure Storage firewall rules".
    virtualNetworkRules:
      isTrusted && network ? [{ virtualNetworkResourceId: network.vmSubnetId }] : [],
    ipRules: isTrusted
      ? sshSourceAddressPrefixes.flatMap(ipRuleValues).map((value) => ({ iPAddressOrRange: value }))
      : [],
  };
}

/** Azure takes public addresses only, and ranges up to /30. Source: its "Azure Storage firewall rules", restrictions. */
function ipRuleValues(prefix: string): string[] {
  const [address = "", length = "32"] = prefix.split("/");
  if (ipaddr.IPv4.parse(address).range() !== "unicast") return [];
  if (length === "32") return [address];
  if (length !== "31") return [prefix];
  return [address, address.replace(/\d+$/, (last) => String(Number(last) + 1))];
}

export interface StorageAccessArgs extends PlacementArgs {
  readonly access: LabConfig["storageNetworkAccess"];
  /** Needed with private access; it is the lab's own then. */
  readonly network?: LabNetwork;
  readonly storage: AuditLogStorage;
}

/**
 * What the VM needs to reach the storage account: with private access an address of the account in the virtual network, and the
 * zone by which the account's name resolves to it; else nothing.
 */
export class StorageAccess extends pulumi.ComponentResource {
  constructor(name: string, args: StorageAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("StorageAccess"), name, {}, opts);
    const { virtualNetworkId, vmSubnetId } = args.network ?? {};
    if (args.access === "private" && virtualNetworkId && vmSubnetId) {
      this.createPrivateEndpoint(name, args, { virtualNetworkId, vmSubnetId });
    }
    this.registerOutputs();
  }

  private createPrivateEndpoint(
    name: string,
    args: StorageAccessArgs,
    { virtualNetworkId, vmSubnetId }: Required<Pick<LabNetwork, "virtualNetworkId" | "vmSubnetId">>,
  ): void {
    const { resourceGroupName, location, tags, storage: logs } = args;
    const child = { parent: this };
    const { zone, link } = createPrivateZone(
      `${name}-zone`,
      {
        ...{ resourceGroupName, tags, virtualNetworkId },
        // privatelink.blob.core.windows.net, or another cloud's. Source: Azure's "Private endpoint DNS zone values".
        privateZoneName: logs.blobEndpoint.apply((url) =>
          new URL(url).hostname.replace(/^[^.]+/, "privatelink"),
        ),
      },
      this,
    );
    const endpoint = new network.PrivateEndpoint(
      name,
      {
        resourceGroupName,
        location,
        tags,
        subnet: { id: vmSubnetId },
        privateLinkServiceConnections: [
          { name: "blob", privateLinkServiceId: logs.accountId, groupIds: ["blob"] },
        ],
      },
      child,
    );
    new network.PrivateDnsZoneGroup(
      `${name}-zone-group`,
      {
        resourceGroupName,
        privateEndpointName: endpoint.name,
        privateDnsZoneGroupName: "default",
        privateDnsZoneConfigs: [{ name: "blob", privateDnsZoneId: zone.id }],
      },
      { ...child, dependsOn: [link], deletedWith: endpoint },
    );
  }
}
