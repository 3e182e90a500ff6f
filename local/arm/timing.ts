import { setTimeout as delay } from "node:timers/promises";
import {
  FLEXIBLE_SERVERS,
  NETWORK_INTERFACES,
  PRIVATE_DNS_ZONES,
  RESOURCE_GROUPS,
  STORAGE_ACCOUNTS,
  SUBNETS,
  VIRTUAL_MACHINES,
  VIRTUAL_NETWORKS,
} from "./resource-type-names";

/** What an operation does to a resource of which type. */
export interface OperationKind {
  /** `create`, `update`, `delete`, or the name of an action. */
  readonly verb: string;
  readonly type: string;
}

export const PROFILE_NAMES = ["fast", "azure"] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

interface TimingProfile {
  /** Minimum duration by `<verb> <type>` in lower case; an operation that isn't listed takes as long as its work. */
  readonly operationSeconds: ReadonlyMap<string, number>;
  /** The pause that clients are asked for between two polls of an operation. */
  readonly retryAfterSeconds: number;
  readonly busyWindowSeconds: number;
  readonly firstDeliverySeconds: number;
  readonly roleAssignmentSeconds: number;
}

const key = (verb: string, type: string): string => `${verb} ${type}`.toLowerCase();

/**
 * Seconds of operations on Azure. Measured, from outputs of `terraform apply` in public repositories (flexible servers in 306
 * and 563 s; Linux machines in 27 to 113 s, most near 50; storage accounts in 26 s; network interfaces in 5 to 14 s; virtual
 * networks in 8 s; private DNS zones in 35 s; a machine is deleted in 20 s). All others are estimates.
 */
const AZURE_SECONDS: readonly (readonly [verb: string, type: string, seconds: number])[] = [
  ["create", FLEXIBLE_SERVERS, 306],
  ["update", FLEXIBLE_SERVERS, 60],
  ["delete", FLEXIBLE_SERVERS, 30],
  ["restart", FLEXIBLE_SERVERS, 60],
  ["start", FLEXIBLE_SERVERS, 120],
  ["stop", FLEXIBLE_SERVERS, 120],
  ["create", `${FLEXIBLE_SERVERS}/configurations`, 30],
  ["update", `${FLEXIBLE_SERVERS}/configurations`, 30],
  ["create", `${FLEXIBLE_SERVERS}/databases`, 15],
  ["delete", `${FLEXIBLE_SERVERS}/databases`, 15],
  ["create", `${FLEXIBLE_SERVERS}/firewallRules`, 60],
  ["delete", `${FLEXIBLE_SERVERS}/firewallRules`, 60],
  ["create", `${FLEXIBLE_SERVERS}/administrators`, 60],
  ["delete", `${FLEXIBLE_SERVERS}/administrators`, 60],
  ["create", VIRTUAL_MACHINES, 50],
  ["update", VIRTUAL_MACHINES, 15],
  ["delete", VIRTUAL_MACHINES, 20],
  ["start", VIRTUAL_MACHINES, 30],
  ["restart", VIRTUAL_MACHINES, 30],
  ["poweroff", VIRTUAL_MACHINES, 30],
  ["deallocate", VIRTUAL_MACHINES, 60],
  ["create", STORAGE_ACCOUNTS, 26],
  ["create", VIRTUAL_NETWORKS, 8],
  ["create", SUBNETS, 6],
  ["create", NETWORK_INTERFACES, 12],
  ["create", PRIVATE_DNS_ZONES, 35],
  ["delete", NETWORK_INTERFACES, 10],
  ["delete", VIRTUAL_NETWORKS, 10],
  ["delete", RESOURCE_GROUPS, 60],
];

const PROFILES: Readonly<Record<ProfileName, TimingProfile>> = {
  fast: {
    operationSeconds: new Map(),
    retryAfterSeconds: 0,
    busyWindowSeconds: 2,
    firstDeliverySeconds: 0,
    roleAssignmentSeconds: 0,
  },
  azure: {
    operationSeconds: new Map(
      AZURE_SECONDS.map(([verb, type, seconds]) => [key(verb, type), seconds]),
    ),
    retryAfterSeconds: 15, // estimate
    busyWindowSeconds: 60, // estimate; terraform-provider-azurerm 28298 reports no figure
    // Source: Azure Monitor, "Diagnostic settings": data begins to flow within 90 minutes.
    firstDeliverySeconds: 90 * 60,
    // Source: "Troubleshoot Azure RBAC": up to ten minutes.
    roleAssignmentSeconds: 10 * 60,
  },
};

export interface TimingOptions {
  /** @default "fast": operations take as long as their work */
  readonly profile?: ProfileName;
  /** Divides the times of the profile. @default 1 */
  readonly timeScale?: number;
  /** Replaced in tests. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** How long local Azure's operations take: the times of the profile, scaled. */
export class Timing {
  private readonly profile;
  private readonly timeScale: number;
  private readonly pause;

  constructor({ profile = "fast", timeScale = 1, pause = wait }: TimingOptions = {}) {
    this.profile = PROFILES[profile];
    this.timeScale = timeScale;
    this.pause = pause;
  }

  /** The minimum duration; the work may take longer. */
  operationSeconds(kind: OperationKind): number {
    return (this.profile.operationSeconds.get(key(kind.verb, kind.type)) ?? 0) / this.timeScale;
  }

  /** In whole seconds, as the header Retry-After requires. */
  get retryAfterSeconds(): number {
    return Math.round(this.profile.retryAfterSeconds / this.timeScale);
  }

  /** How long a new flexible server still answers writes with ServerIsBusy. */
  get busyWindowSeconds(): number {
    return this.profile.busyWindowSeconds / this.timeScale;
  }

  /** How long after its creation a diagnostic setting delivers nothing. */
  get firstDeliverySeconds(): number {
    return this.profile.firstDeliverySeconds / this.timeScale;
  }

  /** How long after its creation a role assignment grants nothing. */
  get roleAssignmentSeconds(): number {
    return this.profile.roleAssignmentSeconds / this.timeScale;
  }

  /** Does the work, and resolves not before the minimum duration; a failure rejects at once. */
  async stretch<T>(kind: OperationKind, work: () => Promise<T>): Promise<T> {
    const seconds = this.operationSeconds(kind);
    if (seconds === 0) return work();
    const failed = new AbortController();
    const minimum = this.pause(seconds * 1000, failed.signal);
    try {
      const [result] = await Promise.all([work(), minimum]);
      return result;
    } finally {
      failed.abort();
    }
  }
}

const wait = (milliseconds: number, signal: AbortSignal) =>
  delay(milliseconds, undefined, { signal });
