import { ArmError } from "./arm-error";
import { type ResourceType, type WriteVerb } from "./resource-type";

export const RESOURCE_GROUPS = "Microsoft.Resources/resourceGroups";
/** azure-native's, and that of @azure/arm-resources 7: what local Azure takes and shows is the same in both. */
export const RESOURCES_API = ["2024-03-01", "2025-04-01"];

/** What a type's resources are listed by. */
export type ListScope = "parent" | "scope" | "resource group" | "subscription";

/** The verbs of one resource; HEAD goes with GET. The dispatcher refuses the others, and local/COVERAGE.md lists these. */
export function verbsOf(type: ResourceType): ("GET" | WriteVerb)[] {
  return [
    "GET",
    "PUT",
    ...(type.patch ? (["PATCH"] as const) : []),
    ...(type.deletable === false ? [] : (["DELETE"] as const)),
  ];
}

/** A child is listed under its parent, an extension under what it is about, anything else by group and subscription. */
export function listScopesOf(type: ResourceType): ListScope[] {
  if (type.type === RESOURCE_GROUPS) return ["subscription"];
  if (type.extends) return ["scope"];
  return isChild(type) ? ["parent"] : ["resource group", "subscription"];
}

export const isChild = ({ type }: ResourceType): boolean => type.split("/").length > 2;

/** For a type that local Azure has, asked for what it doesn't do with it. */
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

export const SEE_COVERAGE = "local/COVERAGE.md lists everything that it has.";
