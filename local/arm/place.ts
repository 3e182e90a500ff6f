import { ArmError, resourceGroupNotFound, resourceNotFound } from "./arm-error";
import { type ArmPath, groupId, parentId, resourceKey } from "./resource-id";
import { type ResourceStore } from "./resource-store";
import { type ResourceType } from "./resource-type";
import { type ListScope, listScopesOf, methodNotAllowed, RESOURCE_GROUPS } from "./verbs";

/** Refuses a path that is whole but leads where the type has no resources: a network outside any group. */
export function requirePlace(type: ResourceType, path: ArmPath): void {
  if (path.type === undefined || type.extends === "anything") return;
  const scope = resourceKey(path.scope ?? "");
  const isGroup = path.resourceGroupName !== undefined && scope === resourceKey(groupId(path));
  const isRight = type.extends === "resource" ? scope.includes("/providers/") : isGroup;
  if (isRight) return;
  const place = type.extends ? "under the resource that it is about" : "in a resource group";
  throw new ArmError(
    404,
    "InvalidResourcePath",
    `A ${type.type} stands ${place}, and '${path.id}' doesn't.`,
  );
}

/** Refuses a list that the type's resources don't come in: of networks under a server, of subnets of a subscription. */
export function requireListPlace(type: ResourceType, path: ArmPath): void {
  const place = listPlace(path);
  const isScope = type.extends === "anything" || (type.extends && place === "scope");
  if (listScopesOf(type).includes(isScope ? "scope" : place)) return;
  throw methodNotAllowed(type, `list by ${place}`);
}

function listPlace({ names, scope, resourceGroupName }: ArmPath): ListScope {
  if (scope !== undefined && names.length > 0) return "parent";
  if (scope?.toLowerCase().includes("/providers/")) return "scope";
  return resourceGroupName === undefined ? "subscription" : "resource group";
}

/**
 * The id as Azure writes it: the type's own words in the type's letter case, and what stands above by its own id.
 * A resource that stands keeps the id that it was made with.
 */
export function canonicalId(store: ResourceStore, { type }: ResourceType, path: ArmPath): string {
  const standing = store.get(path.id);
  if (standing) return standing.id;
  const name = path.names.at(-1) ?? "";
  if (type === RESOURCE_GROUPS) return groupId({ ...path, resourceGroupName: name });
  const parent = store.get(parentId(path.id) ?? "");
  const [namespace, ...segments] = type.split("/");
  if (parent) return `${parent.id}/${segments.at(-1)}/${name}`;
  const pairs = segments.map((segment, index) => `${segment}/${path.names[index]}`);
  return [canonicalScope(store, path), "providers", namespace, ...pairs].join("/");
}

/** The id of the group or resource that a resource stands under. */
export const canonicalScope = (store: ResourceStore, { scope = "" }: ArmPath): string =>
  store.get(scope)?.id ?? scope;

/** @throws ArmError 404 where the group, the parent or the resource that an extension is about isn't there */
export function requireParents(store: ResourceStore, type: ResourceType, path: ArmPath): void {
  const error = missingAbove(store, type, path);
  if (error) throw error;
}

/** Why a resource that isn't there isn't, as Azure says it of the first thing that is missing on the way. */
export function missing(store: ResourceStore, type: ResourceType, path: ArmPath): ArmError {
  if (type.type === RESOURCE_GROUPS) return resourceGroupNotFound(path.names.at(-1) ?? "");
  return missingAbove(store, type, path) ?? resourceNotFound(path.id);
}

function missingAbove(
  store: ResourceStore,
  type: ResourceType,
  path: ArmPath,
): ArmError | undefined {
  if (path.type === undefined) return undefined;
  if (path.resourceGroupName && !store.get(groupId(path))) {
    return resourceGroupNotFound(path.resourceGroupName);
  }
  const isAboutResource = type.extends && path.scope?.toLowerCase().includes("/providers/");
  const parent = isAboutResource ? path.scope : (type.parentOf?.(path.id) ?? parentId(path.id));
  if (parent === undefined || store.get(parent)) return undefined;
  return new ArmError(
    404,
    type.extends ? "ResourceNotFound" : "ParentResourceNotFound",
    `The request on '${path.id}' can't be performed, because the resource '${parent}' was not found.`,
  );
}
