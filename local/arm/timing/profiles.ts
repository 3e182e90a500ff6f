/** What an operation does: `create`, `update` and `delete`, or an action by its lower-case name. */
export interface OperationKind {
  readonly verb: string;
  /** `Microsoft.DBforPostgreSQL/flexibleServers`. */
  readonly type: string;
}

export const PROFILE_NAMES = ["fast", "azure"] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export interface TimingProfile {
  /** How long operations take at least, by `<verb> <type>` in lower case; the ones left out take as long as their work. */
  readonly operationSeconds: ReadonlyMap<string, number>;
  /** What a client is told to wait between two looks at an operation. */
  readonly retryAfterSeconds: number;
  /** How long a new flexible server goes on answering writes with ServerIsBusy. */
  readonly busyWindowSeconds: number;
}

const key = (verb: string, type: string): string => `${verb} ${type}`.toLowerCase();

const SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers";
const MACHINES = "Microsoft.Compute/virtualMachines";
const STORAGE = "Microsoft.Storage/storageAccounts";
const NETWORK = "Microsoft.Network";
const GROUPS = "Microsoft.Resources/resourceGroups";

/**
 * Seconds of operations on Azure. Measured: outputs of `terraform apply` in public repositories (flexible servers in 306
 * and 563 s; Linux machines in 27 to 113 s, most near 50; storage accounts in 26 s; network interfaces in 5 to 14 s; virtual
 * networks in 8 s; private DNS zones in 35 s; a machine's deletion in 20 s). Estimates: everything else.
 */
const AZURE_SECONDS: readonly (readonly [verb: string, type: string, seconds: number])[] = [
  ["create", SERVERS, 306],
  ["update", SERVERS, 60],
  ["delete", SERVERS, 30],
  ["restart", SERVERS, 60],
  ["start", SERVERS, 120],
  ["stop", SERVERS, 120],
  ["create", `${SERVERS}/configurations`, 30],
  ["update", `${SERVERS}/configurations`, 30],
  ["create", `${SERVERS}/databases`, 15],
  ["delete", `${SERVERS}/databases`, 15],
  ["create", `${SERVERS}/firewallRules`, 60],
  ["delete", `${SERVERS}/firewallRules`, 60],
  ["create", MACHINES, 50],
  ["update", MACHINES, 15],
  ["delete", MACHINES, 20],
  ["start", MACHINES, 30],
  ["restart", MACHINES, 30],
  ["poweroff", MACHINES, 30],
  ["deallocate", MACHINES, 60],
  ["create", STORAGE, 26],
  ["create", `${NETWORK}/virtualNetworks`, 8],
  ["create", `${NETWORK}/virtualNetworks/subnets`, 6],
  ["create", `${NETWORK}/networkInterfaces`, 12],
  ["create", `${NETWORK}/privateDnsZones`, 35],
  ["delete", `${NETWORK}/networkInterfaces`, 10],
  ["delete", `${NETWORK}/virtualNetworks`, 10],
  ["delete", GROUPS, 60],
];

export const PROFILES: Readonly<Record<ProfileName, TimingProfile>> = {
  fast: { operationSeconds: new Map(), retryAfterSeconds: 0, busyWindowSeconds: 2 },
  azure: {
    operationSeconds: new Map(
      AZURE_SECONDS.map(([verb, type, seconds]) => [key(verb, type), seconds]),
    ),
    retryAfterSeconds: 15, // estimate
    busyWindowSeconds: 60, // estimate; terraform-provider-azurerm 28298 gives no figure
  },
};

export const operationKey = ({ verb, type }: OperationKind): string => key(verb, type);
