import { ArmError } from "../../arm-error";
import { type ResourceStore } from "../../resource-store";
import { type PutRequest } from "../../resource-type";

interface Range {
  readonly first: number;
  readonly last: number;
}

interface NetworkBody {
  readonly properties: { readonly addressSpace: { readonly addressPrefixes: readonly string[] } };
}

interface SubnetBody {
  readonly properties: { readonly addressPrefix: string };
}

/** A subnet lies inside its network and beside the other subnets. Source of texts and codes: azure-docs 123869. */
export function requireSubnetRange({ id, name, body, store }: PutRequest<SubnetBody>): void {
  const networkId = id.split("/").slice(0, -2).join("/");
  const network = store.get(networkId);
  const space = (network?.shown as NetworkBody | undefined)?.properties.addressSpace;
  const range = rangeOf(body.properties.addressPrefix, name);
  requireInside(name, range, network?.name ?? "", space?.addressPrefixes ?? []);
  for (const other of subnetsOf(store, networkId)) {
    if (other.name.toLowerCase() === name.toLowerCase()) continue;
    const { first, last } = rangeOf(other.addressPrefix, other.name);
    if (first > range.last || last < range.first) continue;
    throw new ArmError(
      400,
      "NetcfgSubnetRangesOverlap",
      `Subnet '${name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${network?.name}'.`,
    );
  }
}

/** A network keeps the ranges of the subnets that it has. */
export function requireRangesOfSubnets({ id, name, body, store }: PutRequest<NetworkBody>): void {
  const { addressPrefixes } = body.properties.addressSpace;
  for (const prefix of addressPrefixes) rangeOf(prefix, name);
  for (const subnet of subnetsOf(store, id)) {
    requireInside(subnet.name, rangeOf(subnet.addressPrefix, subnet.name), name, addressPrefixes);
  }
}

function requireInside(
  subnet: string,
  { first, last }: Range,
  network: string,
  space: readonly string[],
): void {
  const ranges = space.map((prefix) => rangeOf(prefix, network));
  if (ranges.some((range) => range.first <= first && last <= range.last)) return;
  throw new ArmError(
    400,
    "NetcfgSubnetRangeOutsideVnet",
    `Subnet '${subnet}' is not valid because its IP address range is outside the IP address range of virtual network '${network}'.`,
  );
}

const subnetsOf = (store: ResourceStore, networkId: string) =>
  store
    .below(networkId)
    .filter(({ type }) => type === "Microsoft.Network/virtualNetworks/subnets")
    .map(({ name, shown }) => ({ name, ...(shown as unknown as SubnetBody).properties }));

/** @throws ArmError where bits behind the prefix are set. Source: the error InvalidCIDRNotation. */
function rangeOf(prefix: string, owner: string): Range {
  const [address = "", length = "32"] = prefix.split("/");
  const size = 2 ** (32 - Number(length));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(number / size) * size;
  if (first === number) return { first, last: first + size - 1 };
  const right = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
  throw new ArmError(
    400,
    "InvalidCIDRNotation",
    `The address prefix ${prefix} in resource ${owner} has an invalid CIDR notation. For the given prefix length, the address prefix should be ${right}/${length}.`,
  );
}
