import { z } from "zod";
import { addressPrefixProblem } from "../address-prefix";
import { timeZoneProblem, vmAdminUsernameProblem } from "../names";
import { list, type Report, text, textBy, wholeNumber } from "../rules";
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

const SUBNET_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/virtualNetworks\/([^/]+)\/subnets\/([^/]+)$/i;

/** The parts of a valid id. */
export function subnetIdParts(id: string) {
  const [, subscriptionId = "", resourceGroupName = "", virtualNetworkName = "", subnetName = ""] =
    SUBNET_ID.exec(id) ?? [];
  return { subscriptionId, resourceGroupName, virtualNetworkName, subnetName };
}

/** The VM, and who may sign in to it. */
export const VM_KEYS = {
  vm: z.boolean(),
  vmSubnetId: z.string().refine((id) => id === "" || SUBNET_ID.test(id), {
    error:
      "a subnet's resource id: az network vnet subnet show --resource-group GROUP --vnet-name NETWORK --name NAME --query id",
  }),
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

interface SubnetChoices {
  readonly vm: boolean;
  readonly vmSubnetId: string;
  readonly postgres: { readonly existingServerId: string };
  readonly postgresNetworkAccess: string;
  readonly storageNetworkAccess: string;
}

/** What doesn't go with a subnet that isn't the lab's. */
export function vmProblems(
  { vm, vmSubnetId, postgres, postgresNetworkAccess, storageNetworkAccess }: SubnetChoices,
  problem: Report,
): void {
  if (vmSubnetId === "") return;
  if (!vm) {
    problem(
      "vmSubnetId",
      "there is no VM to place in it, since vm is false: pulumi config rm vmSubnetId, or set vm to true",
    );
  }
  if (postgres.existingServerId === "" && postgresNetworkAccess === "private") {
    problem(
      "vmSubnetId",
      "the lab's private server is in a network of the lab's own, which the VM wouldn't be in: set postgresNetworkAccess to public, " +
        "or name your server in postgres.existingServerId",
    );
  }
  // Azure links one zone of a name to a network, and answers from it for every account with a private endpoint.
  if (storageNetworkAccess === "private") {
    problem(
      "vmSubnetId",
      "storageNetworkAccess private would add a private DNS zone to your network, which changes there how the names of all storage " +
        "accounts resolve: set storageNetworkAccess to trusted (if the subnet has the service endpoint Microsoft.Storage) or public",
    );
  }
}
