import { ArmError, resourceGroupNotFound, resourceNotFound } from "./arm-error";
import { type ArmPath, groupId, parentId, resourceKey } from "./resource-id";
import { type ResourceStore } from "./resource-store";
import { type ResourceType } from "./resource-type";
import { RESOURCE_GROUPS } from "./resource-type-names";
import { type ListScope, listScopesOf, methodNotAllowed } from "./type-catalogue";

/** Refuses a well-formed path at which the type has no resources, such as a network outside any group. */
export function requirePlace(type: ResourceType, path: ArmPath): void {
  if (path.type === undefined || type.extends === "anything") return;
  const scope = resourceKey(path.scope ?? "");
  const isGroup = path.resourceGroupName !== undefined && scope === resourceKey(groupId(path));
  const isRight = type.extends === "resource" ? scope.includes("/providers/") : isGroup;
  if (isRight) return;
  const place = type.extends ? "the resource that it extends" : "a resource group";
  throw new ArmError(
    404,
    "InvalidResourcePath",
    `The path of a ${type.type} must begin with the id of ${place}; '${path.id}' doesn't.`,
  );
}

/** Refuses a list that the type doesn't support, such as the networks of a server. */
export function requireListPlace(type: ResourceType, path: ArmPath): void {
  const place = listPlace(path);
  if (listScopesOf(type).includes(place)) return;
  throw methodNotAllowed(type, `list by ${place}`);
}

function listPlace({ names, scope, resourceGroupName }: ArmPath): ListScope {
  if (scope !== undefined && names.length > 0) return "parent";
  if (scope?.toLowerCase().includes("/providers/")) return "scope";
  return resourceGroupName === undefined ? "subscription" : "resource group";
}

/**
 * The id as Azure writes it: the words of the type in the type's letter case, after the parent's id. An existing
 * resource keeps the id that it was created with.
 */
export function canonicalId(store: ResourceStore, { type }: ResourceType, path: ArmPath): string {
  const existing = store.get(path.id);
  if (existing) return existing.id;
  const name = path.names.at(-1) ?? "";
  if (type === RESOURCE_GROUPS) return groupId({ ...path, resourceGroupName: name });
  const parent = store.get(parentId(path.id) ?? "");
  const [namespace, ...segments] = type.split("/");
  if (parent) return `${parent.id}/${segments.at(-1)}/${name}`;
  const pairs = segments.map((segment, index) => `${segment}/${path.names[index]}`);
  return [canonicalScope(store, path), "providers", namespace, ...pairs].join("/");
}

/** The id of the group or resource that contains the resource. */
export const canonicalScope = (store: ResourceStore, { scope = "" }: ArmPath): string =>
  store.get(scope)?.id ?? scope;

/** @throws ArmError 404 if the group, the parent or the extended resource doesn't exist */
export function requireParents(store: ResourceStore, type: ResourceType, path: ArmPath): void {
  const error = missingAbove(store, type, path);
  if (error) throw error;
}

/** The error for a resource that doesn't exist: as on Azure, it names the first missing part of the path. */
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
  const extendsResource = type.extends && path.scope?.toLowerCase().includes("/providers/");
  const parent = extendsResource ? path.scope : (type.parentOf?.(path.id) ?? parentId(path.id));
  if (parent === undefined || store.get(parent)) return undefined;
  return new ArmError(
    404,
    type.extends ? "ResourceNotFound" : "ParentResourceNotFound",
    `The request on '${path.id}' can't be performed, because the resource '${parent}' was not found.`,
  );
}
