import * as net from "node:net";

/** Ranges wider than this are refused: they are everywhere in all but name. */
const MINIMUM_PREFIX_LENGTH = 8;

/**
 * What is wrong with an address that may open SSH to the VM, or undefined where it is right.
 * Right are IPv4 addresses and CIDR ranges whose host bits are zero, as network security groups take them.
 */
export function addressPrefixProblem(prefix: string): string | undefined {
  const [address = "", length, ...rest] = prefix.split("/");
  if (rest.length > 0 || !net.isIPv4(address)) {
    return `"${prefix}" is no IPv4 address or range; write it like 203.0.113.7 or 203.0.113.0/24`;
  }
  if (length === undefined) return undefined;
  if (!/^\d{1,2}$/.test(length) || Number(length) > 32) {
    return `"${prefix}" has no prefix length of 0 to 32; write it like ${address}/32`;
  }
  const bits = Number(length);
  if (bits < MINIMUM_PREFIX_LENGTH) {
    return `"${prefix}" opens SSH to everywhere; give the addresses that you sign in from, at most a /${MINIMUM_PREFIX_LENGTH} each`;
  }
  const network = networkAddress(address, bits);
  if (network !== address) {
    return `"${prefix}" is not the first address of its range; write ${network}/${bits}, or ${address} alone`;
  }
  return undefined;
}

function networkAddress(address: string, bits: number): string {
  const value = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(value / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
}
