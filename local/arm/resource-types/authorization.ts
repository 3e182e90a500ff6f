import { z } from "zod";
import { resourceType } from "../resource-type";

export const roleAssignment = resourceType({
  type: "Microsoft.Authorization/roleAssignments",
  apiVersions: ["2022-04-01"],
  extends: "anything",
  schema: z.strictObject({
    properties: z.strictObject({
      principalId: z.uuid(),
      principalType: z.enum(["User", "Group", "ServicePrincipal"]).optional(),
      roleDefinitionId: z.string(),
    }),
  }),
  put: ({ body, scope }) => ({ properties: { ...body.properties, scope } }),
});
