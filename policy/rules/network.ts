import type { NetworkSecurityGroupArgs, SecurityRuleArgs } from "@pulumi/azure-native/network";
import type { Policies } from "@pulumi/policy";
import type { Unwrap } from "@pulumi/pulumi";
import ipaddr from "ipaddr.js";
import { ofType, type Report } from "../of-type";

const SSH_PORT = 22;

/** Ranges with a shorter prefix are a large part of the Internet. 32 is the smallest IPv6 allocation of a provider. */
const MINIMUM_PREFIX_LENGTH = { ipv4: 8, ipv6: 32 } as const;

/** Service tags and words that contain everybody's machines: anyone can rent an address of AzureCloud. */
const EVERYWHERE = /^(\*|any|internet|azurecloud(\..*)?)$/i;

type Rule = Unwrap<
  Pick<
    SecurityRuleArgs,
    | "name"
    | "access"
    | "direction"
    | "protocol"
    | "destinationPortRange"
    | "destinationPortRanges"
    | "sourceAddressPrefix"
    | "sourceAddressPrefixes"
  >
>;

export const NETWORK_RULES: Policies = [
  {
    name: "ssh-not-from-everywhere",
    description: "Only named addresses may open SSH.",
    validateResource: [
      ofType<NetworkSecurityGroupArgs>(
        "azure-native:network:NetworkSecurityGroup",
        ({ securityRules = [] }, report) => {
          for (const rule of securityRules) checkRule(rule, report);
        },
      ),
      ofType<SecurityRuleArgs>("azure-native:network:SecurityRule", checkRule),
    ],
  },
];

function checkRule(rule: Rule, report: Report): void {
  if (!isWord(rule.access, "allow") || !isWord(rule.direction, "inbound")) return;
  if (!["*", "tcp"].includes(rule.protocol.toLowerCase())) return;
  const ports = [rule.destinationPortRange ?? [], rule.destinationPortRanges ?? []].flat();
  if (!ports.some(containsSsh)) return;
  const sources = [rule.sourceAddressPrefix ?? [], rule.sourceAddressPrefixes ?? []].flat();
  for (const source of sources.filter(isEverywhere)) {
    report(
      `The rule ${rule.name ?? ""} opens port ${SSH_PORT} to ${source}; name the addresses that you sign in from, ` +
        `in ranges of at most /${MINIMUM_PREFIX_LENGTH.ipv4}.`,
    );
  }
}

const isWord = (value: string, word: string): boolean => value.toLowerCase() === word;

/** `22`, `20-25` or `*`. */
function containsSsh(range: string): boolean {
  if (range === "*") return true;
  const [first = NaN, last = first] = range.split("-").map(Number);
  return first <= SSH_PORT && SSH_PORT <= last;
}

function isEverywhere(source: string): boolean {
  if (EVERYWHERE.test(source)) return true;
  if (!ipaddr.isValidCIDR(source)) return false;
  const [address, length] = ipaddr.parseCIDR(source);
  return length < MINIMUM_PREFIX_LENGTH[address.kind()];
}
