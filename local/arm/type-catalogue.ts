import { ArmError } from "./arm-error";
import { type ResourceType, type WriteVerb } from "./resource-type";
import { RESOURCE_GROUPS } from "./resource-type-names";

export const SEE_COVERAGE = "local/COVERAGE.md lists everything that it has.";

/** Every resource type of local Azure, by its name in any letter case. */
export class TypeCatalogue {
  private readonly types: ReadonlyMap<string, ResourceType>;

  constructor(types: readonly ResourceType[]) {
    this.types = new Map(types.map((type) => [type.type.toLowerCase(), type]));
  }

  all(): ResourceType[] {
    return [...this.types.values()];
  }

  find(name: string): ResourceType | undefined {
    return this.types.get(name.toLowerCase());
  }

  /** @throws ArmError 404 for an unknown type, 400 for an api-version that the type doesn't support */
  require(name: string, apiVersion: string): ResourceType {
    const type = this.find(name);
    if (!type) {
      const known = this.all().map((one) => one.type);
      throw new ArmError(
        404,
        "InvalidResourceType",
        `Local Azure has no resource type '${name}'; it has ${known.join(", ")}. ${SEE_COVERAGE}`,
      );
    }
    requireApiVersion(type.apiVersions, apiVersion, `type '${type.type}'`);
    return type;
  }
}

/** @throws ArmError 400 NoRegisteredProviderFound, which lists the supported versions */
export function requireApiVersion(
  supported: readonly string[],
  apiVersion: string,
  of: string,
): void {
  if (supported.includes(apiVersion)) return;
  throw new ArmError(
    400,
    "NoRegisteredProviderFound",
    `No registered resource provider found for API version '${apiVersion}' of ${of}. ` +
      `The supported api-versions are '${supported.join(", ")}'.`,
  );
}

/** Where a type's resources can be listed. */
export type ListScope = "parent" | "scope" | "resource group" | "subscription";

/** The verbs that a type supports, besides HEAD, which every type with GET supports. The dispatcher refuses all others. */
export function verbsOf(type: ResourceType): ("GET" | WriteVerb)[] {
  return [
    "GET",
    "PUT",
    ...(type.patch ? (["PATCH"] as const) : []),
    ...(type.deletable === false ? [] : (["DELETE"] as const)),
  ];
}

/** A child is listed under its parent, an extension under its scope, any other resource in its group and subscription. */
export function listScopesOf(type: ResourceType): ListScope[] {
  if (type.type === RESOURCE_GROUPS) return ["subscription"];
  if (type.extends === "anything") return ["scope", "resource group", "subscription"];
  if (type.extends) return ["scope"];
  return isChild(type) ? ["parent"] : ["resource group", "subscription"];
}

export const isChild = ({ type }: ResourceType): boolean => type.split("/").length > 2;

/** The error for a request that local Azure doesn't support for a type that it has. */
export function methodNotAllowed(type: ResourceType, what: string): ArmError {
  const lists = listScopesOf(type).map((scope) => `list by ${scope}`);
  const actions = Object.keys(type.actions ?? {}).map((name) => `POST ${name}`);
  return new ArmError(
    405,
    "MethodNotAllowed",
    `Local Azure has no ${what} of ${type.type}; it has ${[...verbsOf(type), ...lists, ...actions].join(", ")}. ` +
      SEE_COVERAGE,
  );
}
