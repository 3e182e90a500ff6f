/** The parts of a path under /subscriptions, in its letter case; `resourceKey` compares resources. */
export interface ArmPath {
  readonly subscriptionId: string;
  /** Undefined outside any resource group. */
  readonly resourceGroupName?: string;
  /** Namespace and type, `Microsoft.Network/virtualNetworks/subnets`; undefined for groups and subscriptions. */
  readonly type?: string;
  /** The name for each segment of the type. */
  readonly names: readonly string[];
  /** The path up to the last name: the resource, or the parent of a list or an action. */
  readonly id: string;
  /** The word after the last name, if any: a child type to list, or an action to run. */
  readonly tail?: string;
  /** The id before the last `providers`: a resource group, the subscription, or the resource that an extension extends. */
  readonly scope?: string;
}

/** Resource ids are case-insensitive. */
export const resourceKey = (id: string): string => id.toLowerCase();

/** The parts of a path; undefined if it is not a path of the Resource Manager. */
export function parseArmPath(path: string): ArmPath | undefined {
  const words = path.split("/").filter((word) => word !== "");
  if (words[0]?.toLowerCase() !== "subscriptions" || !words[1]) return undefined;
  const subscriptionId = words[1];
  const resourceGroupName = words[2]?.toLowerCase() === "resourcegroups" ? words[3] : undefined;
  const provider = words.map((word) => word.toLowerCase()).lastIndexOf("providers");
  if (provider < 0) {
    const end = resourceGroupName ? 4 : 2;
    if (words.length > end + 1) return undefined;
    return {
      subscriptionId,
      resourceGroupName,
      names: resourceGroupName ? [resourceGroupName] : [],
      id: join(words.slice(0, end)),
      tail: words[end],
    };
  }
  const namespace = words[provider + 1];
  const rest = words.slice(provider + 2);
  if (!namespace || rest.length === 0) return undefined;
  const pairs = Math.floor(rest.length / 2);
  const tail = rest.length % 2 === 1 ? rest[rest.length - 1] : undefined;
  const types = rest.filter((_, index) => index % 2 === 0).slice(0, pairs);
  const scope = words.slice(0, provider);
  return {
    subscriptionId,
    resourceGroupName,
    type: [namespace, ...types].join("/"),
    names: rest.filter((_, index) => index % 2 === 1),
    id: join(pairs === 0 ? scope : words.slice(0, provider + 2 + 2 * pairs)),
    tail,
    scope: join(scope),
  };
}

const join = (words: readonly string[]): string => `/${words.join("/")}`;

export const groupId = ({
  subscriptionId,
  resourceGroupName,
}: Pick<ArmPath, "subscriptionId" | "resourceGroupName">): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`;

/** The id without its last type and name; undefined for a resource without a parent resource. */
export function parentId(id: string): string | undefined {
  const words = id.split("/");
  const provider = words.map((word) => word.toLowerCase()).lastIndexOf("providers");
  return provider >= 0 && words.length - provider > 4 ? words.slice(0, -2).join("/") : undefined;
}
