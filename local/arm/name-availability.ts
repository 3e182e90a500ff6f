import { z } from "zod";
import { ArmError } from "./arm-error";
import type { ManagerRequest, ManagerRoute } from "./manager-routes";
import { parseBody } from "./request-body";
import { type ResourceStore } from "./resource-store";
import { type ResourceType } from "./resource-type";

/** The route of each place where a type's names are checked, for a type whose names are unique in all of Azure. */
export function nameAvailability(type: ResourceType): ManagerRoute[] {
  return (type.nameCheck?.paths ?? []).map((path) => ({
    method: "POST",
    url: `/subscriptions/:subscriptionId/providers/${path}`,
    apiVersions: type.apiVersions,
    answer: (request) => ({ status: 200, body: check(type, request) }),
  }));
}

/** Whether a resource of the type has the name, wherever it stands. */
const isNameTaken = (store: ResourceStore, { type, nameCheck }: ResourceType, name: string) =>
  Boolean(nameCheck?.takenElsewhere.has(name)) ||
  store.ofType(type).some((record) => record.name.toLowerCase() === name.toLowerCase());

/** Source: the REST API's "Check Name Availability" of storage accounts and flexible servers. */
function check(type: ResourceType, { body, dispatcher }: ManagerRequest) {
  const schema = z.strictObject({ name: z.string(), type: z.literal(type.type).optional() });
  const { name } = parseBody(schema, "checkNameAvailability", body);
  try {
    type.requireValidName?.(name);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    const reason = type.nameCheck?.invalidReason;
    return { name, nameAvailable: false, reason, message: error.message };
  }
  if (!isNameTaken(dispatcher.store, type, name)) return { name, nameAvailable: true };
  const message = `The name '${name}' is already taken.`;
  return { name, nameAvailable: false, reason: "AlreadyExists", message };
}
