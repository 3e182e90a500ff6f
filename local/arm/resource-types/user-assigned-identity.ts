import { z } from "zod";
import { type ResourceType, resourceType, type Shown } from "../resource-type";
import { USER_ASSIGNED_IDENTITIES } from "../resource-type-names";
import { ArmError } from "../arm-error";
import { partial } from "../request-body";
import { LOCATION, TAGS } from "./common";

const BODY = z.strictObject({ location: LOCATION, tags: TAGS });

/** Source of the name's rule: Azure's "Naming rules and restrictions", Microsoft.ManagedIdentity. */
function requireIdentityName(name: string): void {
  if (/^[A-Za-z0-9][\w-]{2,127}$/.test(name)) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `The identity's name '${name}' is not valid: it must consist of 3 to 128 letters, digits, hyphens and underscores, and begin with a letter or digit.`,
  );
}

export function userAssignedIdentity(tenantId: string): ResourceType {
  return resourceType({
    type: USER_ASSIGNED_IDENTITIES,
    // That of azure-native, and the newest one.
    apiVersions: ["2023-01-31", "2024-11-30"],
    schema: BODY,
    patch: { schema: partial(BODY) },
    requireValidName: requireIdentityName,
    put: ({ body, existing }) => ({
      ...body,
      properties: (existing?.shown.properties as Shown["properties"]) ?? {
        tenantId,
        principalId: crypto.randomUUID(),
        clientId: crypto.randomUUID(),
      },
    }),
  });
}
