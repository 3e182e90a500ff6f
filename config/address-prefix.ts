import ipaddr from "ipaddr.js";
import * as net from "node:net";
import { quoted } from "./quoted";

/** A wider range would open SSH to a large part of the Internet. */
const MINIMUM_PREFIX_LENGTH = 8;

/**
 * The problem of an address that may open SSH to the VM, or undefined if there is none.
 * Valid are IPv4 addresses, and CIDR ranges whose host bits are zero: a network security group accepts no others.
 */
export function addressPrefixProblem(prefix: string): string | undefined {
  const [address = "", length, ...rest] = prefix.split("/");
  if (rest.length > 0 || !net.isIPv4(address)) {
    return `${quoted(prefix)} is no IPv4 address or range; write it like 203.0.113.7 or 203.0.113.0/24`;
  }
  if (length === undefined) return undefined;
  if (!/^\d{1,2}$/.test(length) || Number(length) > 32) {
    return `${quoted(prefix)} has no prefix length of 0 to 32; write it like ${address}/32`;
  }
  const bits = Number(length);
  if (bits < MINIMUM_PREFIX_LENGTH) {
    return `${quoted(prefix)} opens SSH to everywhere; list the addresses that you sign in from, at most a /${MINIMUM_PREFIX_LENGTH} each`;
  }
  const network = ipaddr.IPv4.networkAddressFromCIDR(prefix).toString();
  if (network !== address) {
    return `${quoted(prefix)} is not the first address of its range; write ${network}/${bits}, or ${address} alone`;
  }
  return undefined;
}

/** The first and the last address of a valid address or range. */
export function addressRange(prefix: string): { readonly start: string; readonly end: string } {
  if (!prefix.includes("/")) return { start: prefix, end: prefix };
  return {
    start: ipaddr.IPv4.networkAddressFromCIDR(prefix).toString(),
    end: ipaddr.IPv4.broadcastAddressFromCIDR(prefix).toString(),
  };
}
