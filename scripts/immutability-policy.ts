/**
 * Sets or removes the time-based retention policy of a blob container. azure-native's own resource can't: it deletes a policy
 * without the etag that Azure demands (pulumi-azure-native 2156), and it can neither lock a policy nor extend a locked one.
 *
 *     node --import tsx scripts/immutability-policy.ts apply <container resource id> <days> [locked]
 *     node --import tsx scripts/immutability-policy.ts remove <container resource id>
 */
import { resourceManagerFromEnvironment } from "../azure/resource-manager";
import { type Notify } from "../common/notify";
import { runMain } from "../common/run-main";

export interface ImmutabilityPolicy {
  readonly days: number;
  readonly isLocked: boolean;
  readonly allowsAppends: boolean;
  readonly etag: string;
}

/** The calls of a container that the script needs. Each returns the policy as it is then. */
export interface ImmutableContainer {
  /** Undefined if there is no policy. */
  get(): Promise<ImmutabilityPolicy | undefined>;
  put(days: number): Promise<ImmutabilityPolicy>;
  lock(etag: string): Promise<ImmutabilityPolicy>;
  extend(days: number, etag: string): Promise<ImmutabilityPolicy>;
  remove(etag: string): Promise<unknown>;
}

export interface Wanted {
  readonly days: number;
  readonly locked: boolean;
}

/** Brings a container's policy to what is wanted; changes nothing that is right. Throws where a locked policy forbids it. */
export async function applyPolicy(
  container: ImmutableContainer,
  { days, locked }: Wanted,
  notify: Notify,
): Promise<void> {
  let policy = await container.get();
  if (policy?.isLocked) {
    await extendLocked(container, policy, { days, locked });
  } else {
    if (policy?.days !== days || !policy.allowsAppends) policy = await container.put(days);
    if (locked) await container.lock(policy.etag);
  }
  notify(`Immutable for ${days} days after the last append; ${locked ? "locked" : "not locked"}.`);
}

async function extendLocked(
  container: ImmutableContainer,
  policy: ImmutabilityPolicy,
  { days, locked }: Wanted,
): Promise<void> {
  if (!locked || days < policy.days) {
    throw new Error(
      `the policy is locked for ${policy.days} days, and nobody can unlock or shorten it. Set retention.locked to true and ` +
        `retention.immutableDays to ${policy.days} or more`,
    );
  }
  if (days > policy.days) await container.extend(days, policy.etag);
}

/** Removes a container's policy, if there is one. */
export async function removePolicy(container: ImmutableContainer, notify: Notify): Promise<void> {
  const policy = await container.get();
  if (policy?.isLocked) {
    throw new Error(
      `the policy is locked for ${policy.days} days, and nobody can remove it. It ends with the container, which can be ` +
        "deleted when it is empty: each log can be, when so many days have passed since its last append",
    );
  }
  if (policy) await container.remove(policy.etag);
  notify("No log is immutable.");
}

const API_VERSION = "2024-01-01";

/** The body of Azure's responses. */
interface PolicyBody {
  readonly etag?: string;
  readonly properties?: {
    readonly immutabilityPeriodSinceCreationInDays?: number;
    readonly state?: string;
    readonly allowProtectedAppendWrites?: boolean;
  };
}

async function containerOf(id: string, env: NodeJS.ProcessEnv): Promise<ImmutableContainer> {
  const { send } = await resourceManagerFromEnvironment(env);
  const call = async (method: string, action: string, days?: number, etag?: string) => {
    const url = `${id}/immutabilityPolicies/default${action}?api-version=${API_VERSION}`;
    const properties = {
      immutabilityPeriodSinceCreationInDays: days,
      // Azure Monitor appends to blobs: without it, the logging would end.
      allowProtectedAppendWrites: true,
    };
    const { status, body } = await send(
      method,
      url,
      days === undefined ? undefined : { properties },
      etag === undefined ? {} : { "If-Match": etag },
    );
    if (status < 300) return policyOf(body as PolicyBody | undefined);
    const { code, message } =
      (body as { error?: { code?: string; message?: string } })?.error ?? {};
    if (status === 404 && (method === "GET" || method === "DELETE")) return NONE;
    throw new Error(`Azure answered ${method} ${url} with ${status} ${code}: ${message}`);
  };
  return {
    // Azure shows a container without a policy as one of 0 days. Source: pulumi-azure-native 2154.
    get: async () => {
      const policy = await call("GET", "");
      return policy.days > 0 ? policy : undefined;
    },
    put: (days) => call("PUT", "", days),
    lock: (etag) => call("POST", "/lock", undefined, etag),
    extend: (days, etag) => call("POST", "/extend", days, etag),
    remove: (etag) => call("DELETE", "", undefined, etag),
  };
}

const NONE: ImmutabilityPolicy = { days: 0, isLocked: false, allowsAppends: false, etag: "" };

const policyOf = ({ etag = "", properties = {} }: PolicyBody = {}): ImmutabilityPolicy => ({
  days: properties.immutabilityPeriodSinceCreationInDays ?? 0,
  isLocked: properties.state === "Locked",
  allowsAppends: properties.allowProtectedAppendWrites ?? false,
  etag,
});

async function main(): Promise<void> {
  const [verb, id = "", days, locked] = process.argv.slice(2);
  const container = await containerOf(id, process.env);
  if (verb === "remove") return removePolicy(container, console.log);
  const wanted = { days: Number(days), locked: locked === "locked" };
  return applyPolicy(container, wanted, console.log);
}

if (require.main === module) runMain(main, "immutability-policy");
