import { type ResourceRecord, type ResourceStore } from "../resource-store";
import { resourceKey } from "../resource-id";

/** A resource of the type with the same name in another group. */
export function namesake(
  store: ResourceStore,
  type: string,
  { id, name }: { readonly id: string; readonly name: string },
): ResourceRecord | undefined {
  return store
    .ofType(type)
    .find(
      (other) =>
        other.name.toLowerCase() === name.toLowerCase() &&
        resourceKey(other.id) !== resourceKey(id),
    );
}
