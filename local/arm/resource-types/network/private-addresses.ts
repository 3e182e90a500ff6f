import * as ipaddr from "ipaddr.js";
import { ArmError } from "../../arm-error";
import { resourceKey } from "../../resource-id";
import { type ResourceStore } from "../../resource-store";
import { isSameId } from "../common";
import { type IpConfiguration, ipConfigurations } from "./rules";

/** Azure reserves the first four addresses of a subnet, 0 to 3, and the last one. */
const FIRST = 4;

/** Gives the IP configurations of a network interface their addresses in their subnets. */
export class PrivateAddresses {
  private readonly others: IpConfiguration[];
  private readonly given = new Set<string>();

  constructor(
    private readonly store: ResourceStore,
    interfaceId: string,
  ) {
    const own = `${resourceKey(interfaceId)}/`;
    this.others = ipConfigurations(store).filter(({ id }) => !resourceKey(id).startsWith(own));
  }

  /** The address that it had, else the lowest one in its subnet that no interface has. */
  of(
    { name, properties: { subnet } }: Pick<IpConfiguration, "name" | "properties">,
    before?: { readonly ipConfigurations: readonly IpConfiguration[] },
  ): string {
    const known = before?.ipConfigurations.find(
      (each) => each.name === name && isSameId(each.properties.subnet.id, subnet.id),
    );
    const address = known?.properties.privateIPAddress ?? this.lowestFree(subnet.id);
    this.given.add(address);
    return address;
  }

  private lowestFree(subnetId: string): string {
    const subnet = this.store.get(subnetId);
    const { addressPrefix } = subnet?.shown.properties as { addressPrefix: string };
    const [network, prefixLength] = ipaddr.IPv4.parseCIDR(addressPrefix);
    const used = new Set(
      this.others
        .filter(({ properties }) => isSameId(properties.subnet.id, subnetId))
        .map(({ properties }) => properties.privateIPAddress),
    );
    for (let host = FIRST; host < 2 ** (32 - prefixLength) - 1; host++) {
      const address = plus(network, host);
      if (!used.has(address) && !this.given.has(address)) return address;
    }
    // Source: Azure's error SubnetIsFull.
    throw new ArmError(
      400,
      "SubnetIsFull",
      `Subnet ${subnet?.name} with address prefix ${addressPrefix} does not have enough capacity for 1 IP addresses.`,
    );
  }
}

function plus({ octets }: ipaddr.IPv4, host: number): string {
  const sum = octets.reduce((value, octet) => value * 256 + octet, 0) + host;
  return [24, 16, 8, 0].map((bits) => Math.floor(sum / 2 ** bits) % 256).join(".");
}
