import { z } from "zod";
import { resourceType } from "../resource-type";
import { LOCKS, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS } from "../resource-type-names";

/** What they grant is in `AccessControl`. */
export const roleAssignment = resourceType({
  type: ROLE_ASSIGNMENTS,
  apiVersions: ["2022-04-01"],
  extends: "anything",
  schema: z.strictObject({
    properties: z.strictObject({
      principalId: z.uuid().toLowerCase(),
      principalType: z.enum(["User", "Group", "ServicePrincipal"]).optional(),
      roleDefinitionId: z.string(),
    }),
  }),
  put: ({ body, scope }) => ({ properties: { ...body.properties, scope } }),
});

const ACTIONS = z.array(z.string()).optional();

/** A custom role. */
export const roleDefinition = resourceType({
  type: ROLE_DEFINITIONS,
  apiVersions: ["2022-04-01"],
  extends: "anything",
  schema: z.strictObject({
    properties: z.strictObject({
      roleName: z.string(),
      description: z.string().optional(),
      type: z.literal("CustomRole").default("CustomRole"),
      permissions: z.array(
        z.strictObject({
          actions: ACTIONS,
          notActions: ACTIONS,
          dataActions: ACTIONS,
          notDataActions: ACTIONS,
        }),
      ),
      assignableScopes: z.array(z.string()).min(1),
    }),
  }),
  put: ({ body }) => body,
});

/** What it refuses is in `withCommonRules`. Only CanNotDelete: local Azure doesn't make resources read-only. */
export const managementLock = resourceType({
  type: LOCKS,
  apiVersions: ["2020-05-01"],
  extends: "anything",
  schema: z.strictObject({
    properties: z.strictObject({
      level: z.literal("CanNotDelete"),
      notes: z.string().max(512).optional(),
    }),
  }),
  put: ({ body }) => body,
});
