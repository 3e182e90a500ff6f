import { z } from "zod";
import { addressPrefixProblem } from "../address-prefix";
import { timeZoneProblem, vmAdminUsernameProblem } from "../names";
import { list, text, textBy, wholeNumber } from "../rules";
import { sshPublicKeyProblem } from "../ssh-public-key";

/** Who may reach the VM or, without one, a public server of the lab. */
export const ADDRESSES_NEEDED = {
  path: ["sshSourceAddressPrefixes"],
  error:
    "nobody could sign in to the VM, or to a public server without one; add your public address, which `curl -4 https://ifconfig.me` prints:\n" +
    "      pulumi config set --path 'sshSourceAddressPrefixes[0]' 203.0.113.7",
  // Reported together with the problems of single keys.
  when: () => true,
};

/** Whether the configuration has the addresses that it needs; of a configuration with other problems too. */
export const hasAddresses = ({
  vm,
  sshSourceAddressPrefixes,
  postgres,
}: Partial<ValidatedAddresses>): boolean =>
  sshSourceAddressPrefixes?.length !== 0 || (vm === false && Boolean(postgres?.existingServerId));

interface ValidatedAddresses {
  readonly vm: boolean;
  readonly sshSourceAddressPrefixes: readonly string[];
  readonly postgres: { readonly existingServerId: string };
}

/** The VM, and who may sign in to it. */
export const VM_KEYS = {
  vm: z.boolean(),
  sshSourceAddressPrefixes: list(addressPrefixProblem),
  sshPublicKeys: list(sshPublicKeyProblem),
  sshPort: wholeNumber(1, 65535, "a TCP port, 1 to 65535"),
  vmAdminUsername: textBy(vmAdminUsernameProblem),
  vmSize: text(/^Standard_[A-Z]+\d+[\w-]*$/, "a VM size, like Standard_B2s_v2"),
  // Source for RHEL 10: azure-storage-fuse issue 2037 of October 2025.
  rhelMajorVersion: z.literal([8, 9], {
    error: "the lab supports RHEL 8 and 9; Microsoft's packages for RHEL 10 lack blobfuse2",
  }),
  autoShutdownTime: text(
    /^(([01]\d|2[0-3])[0-5]\d)?$/,
    "a time of day as HHmm, like 1900, or an empty string for never",
  ),
  autoShutdownTimeZone: textBy(timeZoneProblem),
};
