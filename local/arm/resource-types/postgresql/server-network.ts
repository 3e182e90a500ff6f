import { ArmError, invalidReference } from "../../arm-error";
import { type ResourceStore } from "../../resource-store";
import { type PutRequest } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import { type ServerBody } from "./server-body";
import { invalidValue } from "./skus";

type Network = NonNullable<ServerBody["properties"]["network"]>;

const ZONE_SUFFIX = ".postgres.database.azure.com";

/** A server is created either with public access, or in a delegated subnet with a private DNS zone. */
export function requireNetwork({ body, existing, store }: PutRequest<ServerBody>): void {
  const network = body.properties.network ?? {};
  const { delegatedSubnetResourceId: subnetId, privateDnsZoneArmResourceId: zoneId } = network;
  requireSameNetwork(network, existing?.shown.properties);
  if (subnetId === undefined && zoneId === undefined) return;
  if (subnetId === undefined || network.publicNetworkAccess === "Enabled") {
    // Sources: provider-upjet-azure 985; for a zone alone, terraform-provider-azurerm 24586.
    throw new ArmError(
      400,
      "ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration",
      "Conflicting configuration is detected between Public Network Access and Virtual Network arguments. " +
        "Public Network Access is not supported along with Virtual Network feature.",
    );
  }
  if (zoneId === undefined) {
    // Source: terraform-provider-azurerm 20066.
    throw new ArmError(
      400,
      "MissingRequiredParameter",
      "Required parameter 'privateDnsZoneArmResourceId' is missing.",
    );
  }
  requireDelegatedSubnet(store, subnetId);
  requireZone(store, zoneId);
}

/** An existing server can't change between public and private access. Source: Azure's "Networking overview"; the code isn't documented. */
function requireSameNetwork(network: Network, shown: unknown): void {
  const before = (shown as { network?: Network } | undefined)?.network;
  if (!before) return;
  const was = before.delegatedSubnetResourceId?.toLowerCase();
  const wanted = network.delegatedSubnetResourceId?.toLowerCase();
  if (was === wanted || (wanted === undefined && network.publicNetworkAccess !== "Enabled")) return;
  throw invalidValue(
    "DelegatedSubnetResourceId",
    `The server is ${was === undefined ? "in no subnet" : `in ${was}`}; that can't be changed.`,
  );
}

/** Source of code and text: azure-cli 16939. */
function requireDelegatedSubnet(store: ResourceStore, subnetId: string): void {
  const subnet = requireReference(store, subnetId);
  const delegations = (subnet.delegations ?? []) as { properties: { serviceName: string } }[];
  if (delegations.some(({ properties }) => properties.serviceName === FLEXIBLE_SERVERS)) return;
  const name = subnetId.split("/").at(-1);
  throw new ArmError(
    400,
    "SubnetMissingRequiredDelegation",
    `Subnet ${subnetId} requires any of the following delegation(s) [${FLEXIBLE_SERVERS}] to reference service association link ` +
      `${subnetId}/serviceAssociationLinks/${name}-service-association-link.`,
  );
}

/** Source: azure-mysql 89, and "Private DNS zone" of Azure's networking documentation. */
function requireZone(store: ResourceStore, zoneId: string): void {
  requireReference(store, zoneId);
  const zone = zoneId.split("/").at(-1) ?? "";
  if (zone.endsWith(ZONE_SUFFIX) && !zone.includes("_")) return;
  throw new ArmError(
    400,
    "InvalidPrivateDnsZoneName",
    `The Private DNS Zone name provided [${zone}] is invalid. It must end with '${ZONE_SUFFIX}', and shouldn't contain underscore.`,
  );
}

/** On Azure this fails during the creation of the server. Source: the failed operation in terraform-provider-azurerm 24549. */
export function requireOtherZoneName(serverName: string, network: Network | undefined): void {
  const zone = network?.privateDnsZoneArmResourceId?.split("/").at(-1);
  if (zone?.toLowerCase() !== `${serverName}${ZONE_SUFFIX}`) return;
  throw new ArmError(
    400,
    "PrivateDnsZoneNameNotValid",
    `The Private DNS Zone name provided [${zone}] is not valid. It can not be server name plus zone suffix.`,
  );
}

/** Whether the server has no public endpoint. */
export function isPrivate(store: ResourceStore, serverId: string): boolean {
  const shown = store.get(serverId)?.shown.properties as { network?: Network } | undefined;
  return shown?.network?.delegatedSubnetResourceId !== undefined;
}

function requireReference(store: ResourceStore, id: string): Record<string, unknown> {
  const record = store.get(id);
  if (record) return record.shown.properties as Record<string, unknown>;
  throw invalidReference(id);
}
