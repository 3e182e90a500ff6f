import * as postgresql from "@pulumi/azure-native/dbforpostgresql";
import type * as pulumi from "@pulumi/pulumi";
import { addressRange } from "../config/address-prefix";
import { type LabConfig } from "../config/schema";

/** Of a firewall rule of a public server. */
export interface AllowedAddresses {
  /** The rule's name. */
  readonly name: string;
  /** IPv4. */
  readonly start: pulumi.Input<string>;
  readonly end: pulumi.Input<string>;
}

/** One after the other, since Azure refuses parallel writes to a server with ServerIsBusy; returns the last, or what they depend on. */
export function createFirewallRules(
  name: string,
  scope: {
    readonly resourceGroupName: pulumi.Input<string>;
    readonly serverName: pulumi.Input<string>;
  },
  rules: readonly AllowedAddresses[],
  {
    dependsOn,
    ...options
  }: pulumi.CustomResourceOptions & { readonly dependsOn: [pulumi.Resource] },
): pulumi.Resource {
  return rules.reduce<pulumi.Resource>(
    (previous, rule) =>
      new postgresql.FirewallRule(
        `${name}-${rule.name}-firewall-rule`,
        {
          ...scope,
          firewallRuleName: rule.name,
          startIpAddress: rule.start,
          endIpAddress: rule.end,
        },
        { ...options, dependsOn: [previous] },
      ),
    dependsOn[0],
  );
}

/**
 * Who connects to a public server: the VM, and without one the people and the machine that runs Pulumi.
 * @param vmAddress undefined without a VM
 */
export function allowedAddresses(
  { sshSourceAddressPrefixes }: Pick<LabConfig, "sshSourceAddressPrefixes">,
  vmAddress: pulumi.Input<string> | undefined,
): AllowedAddresses[] {
  if (vmAddress !== undefined) return [{ name: "vm", start: vmAddress, end: vmAddress }];
  return sshSourceAddressPrefixes.map((prefix, index) => ({
    name: `operators-${index + 1}`,
    ...addressRange(prefix),
  }));
}
