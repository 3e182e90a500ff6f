import { z } from "zod";
import { resourceType, type ResourceType } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import { API_VERSIONS, requireWritable, type ServerContext, serverIdOf } from "./server-state";
import { invalidValue } from "./skus";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Administrators of Microsoft Entra ID, by their object ids. Stored only: local Azure has no Entra ID, so nobody can sign in to
 * the server with a token. Azure documents neither code nor text of these refusals.
 */
export function administrator(context: ServerContext): ResourceType {
  return resourceType({
    type: `${FLEXIBLE_SERVERS}/administrators`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({
        principalName: z.string().min(1),
        principalType: z.enum(["Unknown", "User", "Group", "ServicePrincipal"]),
        tenantId: z.string().optional(),
      }),
    }),
    asynchronous: ["PUT", "DELETE"],
    lock: serverIdOf,
    requireValidName: (name) => {
      if (!UUID.test(name)) throw invalidValue("ObjectId", `'${name}' is no object id.`);
    },
    validate: ({ id, store }) => {
      requireWritable(context, id);
      const server = store.get(serverIdOf(id))?.shown.properties as ServerProperties | undefined;
      if (server?.authConfig?.activeDirectoryAuth === "Enabled") return;
      throw invalidValue(
        "ActiveDirectoryAuth",
        "Microsoft Entra sign-in isn't enabled on the server.",
      );
    },
    validateDelete: ({ id }) => requireWritable(context, id),
    put: ({ name, body }) => ({ properties: { ...body.properties, objectId: name } }),
  });
}

interface ServerProperties {
  readonly authConfig?: { readonly activeDirectoryAuth?: string };
}
