import ipaddr from "ipaddr.js";
import type { TextTest } from "./patterns";

/** Compiles a range of addresses, `10.1.0.0/16` or `fd00::/8`; undefined if it isn't one. Other texts don't match. */
export function addressRange(range: string): TextTest | undefined {
  const { IPv4, IPv6 } = ipaddr;
  if (!IPv4.isValidCIDRFourPartDecimal(range) && !IPv6.isValidCIDR(range)) return undefined;
  const parsed = ipaddr.parseCIDR(range);
  return (text) => {
    if (!IPv4.isValidFourPartDecimal(text) && !IPv6.isValid(text)) return false;
    const address = ipaddr.parse(text);
    return address.kind() === parsed[0].kind() && address.match(parsed);
  };
}
