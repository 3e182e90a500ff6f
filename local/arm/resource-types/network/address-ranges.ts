import * as ipaddr from "ipaddr.js";
import { ArmError } from "../../arm-error";
import { type ResourceStore } from "../../resource-store";
import { type PutRequest } from "../../resource-type";
import { SUBNETS } from "../../resource-type-names";

/** Network address and prefix length. */
type Range = [address: ipaddr.IPv4, prefixLength: number];

interface NetworkBody {
  readonly properties: { readonly addressSpace: { readonly addressPrefixes: readonly string[] } };
}

interface SubnetBody {
  readonly properties: { readonly addressPrefix: string };
}

/** A subnet must be inside its network and must not overlap another subnet. Source of texts and codes: azure-docs 123869. */
export function requireSubnetRange({ id, name, body, store }: PutRequest<SubnetBody>): void {
  const networkId = id.split("/").slice(0, -2).join("/");
  const network = store.get(networkId);
  const space = (network?.shown as NetworkBody | undefined)?.properties.addressSpace;
  const range = rangeOf(body.properties.addressPrefix, name);
  requireInside(name, range, network?.name ?? "", space?.addressPrefixes ?? []);
  for (const other of subnetsOf(store, networkId)) {
    if (other.name.toLowerCase() === name.toLowerCase()) continue;
    const otherRange = rangeOf(other.addressPrefix, other.name);
    if (!contains(range, otherRange) && !contains(otherRange, range)) continue;
    throw new ArmError(
      400,
      "NetcfgSubnetRangesOverlap",
      `Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${network?.name}'.`,
    );
  }
}

/** A network must keep the address ranges of its existing subnets. */
export function requireRangesOfSubnets({ id, name, body, store }: PutRequest<NetworkBody>): void {
  const { addressPrefixes } = body.properties.addressSpace;
  for (const prefix of addressPrefixes) rangeOf(prefix, name);
  for (const subnet of subnetsOf(store, id)) {
    requireInside(subnet.name, rangeOf(subnet.addressPrefix, subnet.name), name, addressPrefixes);
  }
}

function requireInside(
  subnet: string,
  range: Range,
  network: string,
  space: readonly string[],
): void {
  if (space.some((prefix) => contains(rangeOf(prefix, network), range))) return;
  throw new ArmError(
    400,
    "NetcfgSubnetRangeOutsideVnet",
    `Subnet '${subnet}' is not valid because its IP address range is outside the IP address range of virtual network '${network}'.`,
  );
}

const subnetsOf = (store: ResourceStore, networkId: string) =>
  store
    .below(networkId)
    .filter(({ type }) => type === SUBNETS)
    .map(({ name, shown }) => ({ name, ...(shown as unknown as SubnetBody).properties }));

const contains = (outer: Range, [address, prefixLength]: Range): boolean =>
  outer[1] <= prefixLength && address.match(outer);

/** @throws ArmError if the address has bits after the prefix. Source: the error InvalidCIDRNotation. */
function rangeOf(prefix: string, owner: string): Range {
  const range = ipaddr.IPv4.parseCIDR(prefix);
  const first = ipaddr.IPv4.networkAddressFromCIDR(prefix);
  if (String(first) === String(range[0])) return range;
  throw new ArmError(
    400,
    "InvalidCIDRNotation",
    `The address prefix ${prefix} in resource ${owner} has an invalid CIDR notation. For the given prefix length, the address prefix should be ${String(first)}/${range[1]}.`,
  );
}
