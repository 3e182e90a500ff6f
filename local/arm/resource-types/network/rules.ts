import { ArmError, invalidReference } from "../../arm-error";
import { parentId, resourceKey } from "../../resource-id";
import { type ResourceRecord, type ResourceStore } from "../../resource-store";
import {
  FLEXIBLE_SERVERS,
  NETWORK_INTERFACES,
  PRIVATE_ENDPOINTS,
  SUBNETS,
  VIRTUAL_NETWORK_LINKS,
} from "../../resource-type-names";
import { isSameId, SUCCEEDED } from "../common";

/** That of azure-native, and that of @azure/arm-network 36. */
export const API_VERSIONS = ["2024-05-01", "2025-05-01"];

/**
 * The rule for nearly all names in Microsoft.Network.
 * Source: Azure's "Naming rules and restrictions"; the text is that of the error InvalidResourceName.
 */
export function requireNetworkName(name: string): void {
  if (/^\w([\w.-]{0,78}\w)?$/.test(name)) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `Resource name ${name} is invalid. The name can be up to 80 characters long. It must begin with a word character, ` +
      "and it must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.",
  );
}

export function requireReference(store: ResourceStore, id: string): void {
  if (!store.get(id)) throw invalidReference(id);
}

export interface IpConfiguration {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly privateIPAddress?: string;
    readonly subnet: { readonly id: string };
    readonly publicIPAddress?: { readonly id: string };
  };
}

/*
 * A resource that others use can't be deleted before them. Source of texts and codes: the Azure errors that each
 * comment names.
 */

/** Source: InUseSubnetCannotBeDeleted, for a flexible server's subnet as in azure-data-labs-modules 268. */
export function refuseUsedSubnet(store: ResourceStore, id: string): void {
  const user = userOfSubnet(store, id);
  if (user === undefined) return;
  const name = id.split("/").at(-1);
  throw new ArmError(
    400,
    "InUseSubnetCannotBeDeleted",
    `Subnet ${name} is in use by ${user} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`,
  );
}

/** A network can't be deleted before the resources in its subnets. */
export function refuseUsedSubnets(store: ResourceStore, networkId: string): void {
  const subnets = store.below(networkId).filter(({ type }) => type === SUBNETS);
  for (const { id } of subnets) refuseUsedSubnet(store, id);
}

function userOfSubnet(store: ResourceStore, id: string): string | undefined {
  const configuration = ipConfigurations(store).find(({ properties }) =>
    isSameId(properties.subnet.id, id),
  );
  if (configuration) return configuration.id;
  const endpoint = store.ofType(PRIVATE_ENDPOINTS).find(({ shown }) => {
    const { subnet } = shown.properties as { subnet: { id: string } };
    return isSameId(subnet.id, id);
  });
  if (endpoint) return endpoint.id;
  const hasServer = store
    .ofType(FLEXIBLE_SERVERS)
    .map(({ shown }) => shown.properties as { network?: { delegatedSubnetResourceId?: string } })
    .some(({ network }) => isSameId(network?.delegatedSubnetResourceId, id));
  const [link] =
    (store.get(id)?.shown.properties as AssociatedSubnet).serviceAssociationLinks ?? [];
  return link && (hasServer || hasServerZone(store, parentId(id) ?? "")) ? link.id : undefined;
}

/** A subnet with what other services have in it. */
export interface AssociatedSubnet {
  readonly serviceAssociationLinks?: readonly {
    readonly id: string;
    readonly properties: { readonly linkedResourceType: string };
  }[];
}

/**
 * Marks a subnet as used by flexible servers. The mark outlives the servers while the network is linked to their private
 * DNS zone: a subnet that is deleted before that link, or with it, is still in use.
 * Source: terraform-provider-azurerm 24593, azure-rest-api-specs 17443.
 */
export function associateSubnet(store: ResourceStore, id: string): void {
  const subnet = store.get(id);
  if (!subnet) return;
  const name = `${subnet.name}-service-association-link`;
  const properties = {
    ...(subnet.shown.properties as object),
    serviceAssociationLinks: [
      {
        id: `${subnet.id}/serviceAssociationLinks/${name}`,
        name,
        properties: { linkedResourceType: FLEXIBLE_SERVERS, allowDelete: false, ...SUCCEEDED },
      },
    ],
  };
  store.put({ ...subnet, shown: { ...subnet.shown, properties } });
}

/** Whether the network is linked to a private DNS zone of flexible servers. */
const hasServerZone = (store: ResourceStore, networkId: string): boolean =>
  store.ofType(VIRTUAL_NETWORK_LINKS).some(({ id, shown }) => {
    const { virtualNetwork } = shown.properties as { virtualNetwork: { id: string } };
    return (
      isSameId(virtualNetwork.id, networkId) && /\.postgres\.database\.azure\.com\/v/i.test(id)
    );
  });

/**
 * A network interface belongs to one machine. Source: NicInUse, which Azure has also for a new machine with the interface
 * of another one (pulumi-azure 441).
 */
export function refuseUsedInterface(interfaceId: string, user: string | undefined): void {
  if (user === undefined) return;
  throw new ArmError(
    400,
    "NicInUse",
    `Network Interface ${interfaceId} is used by existing resource ${user}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`,
  );
}

/** Source: PublicIPAddressCannotBeDeleted. */
export function refuseUsedAddress(store: ResourceStore, id: string): void {
  const user = ipConfigurations(store).find(({ properties }) =>
    isSameId(properties.publicIPAddress?.id, id),
  );
  if (!user) return;
  throw new ArmError(
    400,
    "PublicIPAddressCannotBeDeleted",
    `Public IP address ${id} can not be deleted since it is still allocated to resource ${user.id}. In order to delete the public IP, disassociate/detach the Public IP address from the resource. To learn how to do this, see aka.ms/deletepublicip.`,
  );
}

/** A public address belongs to one interface. Source: PublicIPAddressInUse. */
export function requireFreeAddress(store: ResourceStore, id: string, interfaceId: string): void {
  const user = ipConfigurations(store).find(
    (configuration) =>
      isSameId(configuration.properties.publicIPAddress?.id, id) &&
      !resourceKey(configuration.id).startsWith(`${resourceKey(interfaceId)}/`),
  );
  if (!user) return;
  throw new ArmError(
    400,
    "PublicIPAddressInUse",
    `Resource ${interfaceId} is referencing public IP address ${id} that is already allocated to resource ${user.id}.`,
  );
}

/** Source: InUseNetworkSecurityGroupCannotBeDeleted. */
export function refuseUsedSecurityGroup(store: ResourceStore, id: string): void {
  const users = [...store.ofType(SUBNETS), ...store.ofType(NETWORK_INTERFACES)].filter(
    ({ shown }) => {
      const { networkSecurityGroup } = shown.properties as {
        networkSecurityGroup?: { id: string };
      };
      return isSameId(networkSecurityGroup?.id, id);
    },
  );
  if (users.length === 0) return;
  throw new ArmError(
    400,
    "InUseNetworkSecurityGroupCannotBeDeleted",
    `Network security group ${id} cannot be deleted because it is in use by the following resources: ${users.map((user) => user.id).join(", ")}. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.`,
  );
}

/** Source: CannotDeleteResource, the error of a private DNS zone that a network is linked to. */
export function refuseLinkedZone({ id }: ResourceRecord, store: ResourceStore): void {
  if (store.below(id).length === 0) return;
  throw new ArmError(
    409,
    "CannotDeleteResource",
    "Can not delete resource before nested resources are deleted.",
  );
}

/** The IP configurations of all network interfaces, or of one. */
export const ipConfigurations = (store: ResourceStore, interfaceId?: string): IpConfiguration[] =>
  store
    .ofType(NETWORK_INTERFACES)
    .filter(({ id }) => interfaceId === undefined || isSameId(id, interfaceId))
    .flatMap(
      ({ shown }) => (shown.properties as { ipConfigurations: IpConfiguration[] }).ipConfigurations,
    );
