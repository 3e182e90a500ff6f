import { type ResourceRecord, type ResourceStore } from "./resource-store";
import { type ResourceType, type Shown } from "./resource-type";
import { type ArmPath, parentId, resourceKey } from "./resource-id";
import { RESOURCE_GROUPS } from "./resource-type-names";
import { isChild } from "./type-catalogue";

/** A resource as GET shows it. */
export type ResourceView = Shown & {
  readonly id: string;
  readonly name: string;
  readonly type: string;
};

export async function viewOf(type: ResourceType, record: ResourceRecord): Promise<ResourceView> {
  const shown = type.show ? await type.show(record) : (record.shown as Shown);
  const properties =
    record.deleting && shown.properties?.provisioningState !== undefined
      ? { properties: { ...shown.properties, provisioningState: "Deleting" } }
      : {};
  return envelope(record.id, record.name, record.type, { ...shown, ...properties });
}

/** False for a resource that was deleted without the Resource Manager. */
export const exists = async (type: ResourceType, record: ResourceRecord): Promise<boolean> =>
  type.exists === undefined || type.exists(record);

/** A resource that exists without a PUT (a server parameter); undefined if there is none. */
export async function findView(
  type: ResourceType,
  { id, names }: ArmPath,
): Promise<ResourceView | undefined> {
  const shown = await type.find?.(id, names);
  return shown && envelope(id, names.at(-1) ?? "", type.type, shown);
}

/** The type's resources below the path: first those created by PUT, then those that exist without one. */
export async function listViews(
  store: ResourceStore,
  type: ResourceType,
  path: ArmPath,
): Promise<ResourceView[]> {
  const stored = store
    .below(path.id)
    .filter((record) => record.type === type.type && isListedAt(type, record.id, path.id));
  const existing = await Promise.all(stored.map((record) => exists(type, record)));
  const members = stored.filter((_, index) => existing[index]);
  const names = new Set(members.map(({ name }) => name.toLowerCase()));
  const base = type.extends ? `${path.id}/providers/${path.type}` : path.id;
  const found = (await type.list?.(path.id)) ?? [];
  return [
    ...(await Promise.all(members.map((record) => viewOf(type, record)))),
    ...found
      .filter(({ name }) => !names.has(name.toLowerCase()))
      .map(({ name, shown }) => envelope(`${base}/${path.tail}/${name}`, name, type.type, shown)),
  ];
}

/** A resource as the list of all resources shows it. Source: the REST API's "Resources - List". */
export function genericView({ properties: _hidden, ...view }: ResourceView): ResourceView {
  const [, name = view.name] = /\/providers\/(.*)$/i.exec(view.id) ?? [];
  // In this list, the name of a child contains the name of its parent.
  const names = name.split("/").filter((_, index) => index > 0 && index % 2 === 0);
  return { ...view, name: names.join("/") };
}

/** Groups, children without a location, and extensions aren't in the list of all resources. */
export const isGeneric = ({ type, shown }: ResourceRecord): boolean =>
  type !== RESOURCE_GROUPS && typeof shown.location === "string";

/** Excludes children of children, and extensions of children. */
function isListedAt(type: ResourceType, id: string, at: string): boolean {
  if (type.extends === "resource") return isSame(id.split("/").slice(0, -4).join("/"), at);
  return !isChild(type) || isSame(parentId(id) ?? "", at);
}

const isSame = (a: string, b: string): boolean => resourceKey(a) === resourceKey(b);

const envelope = (id: string, name: string, type: string, shown: Shown): ResourceView => ({
  id,
  name,
  type,
  ...shown,
});
