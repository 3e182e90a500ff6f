import { z } from "zod";
import { ArmError } from "../arm-error";
import { resourceType } from "../resource-type";
import { RESOURCE_GROUPS, RESOURCES_API } from "../verbs";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "./common-schemas";

/**
 * Deleting a group deletes what is in it, the youngest first, while the group takes nothing new; the answer names the
 * operation by Location alone. Source: Azure Resource Manager, "Resource group and resource deletion", and its REST API.
 */
export const resourceGroup = resourceType({
  type: RESOURCE_GROUPS,
  apiVersions: RESOURCES_API,
  schema: z.strictObject({ location: LOCATION, tags: TAGS }),
  patch: TAGS_PATCH,
  asynchronous: ["DELETE"],
  polledBy: "Location",
  requireValidName: (name) => {
    // Source: Azure's "Naming rules and restrictions", Microsoft.Resources.
    if (/^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u.test(name)) return;
    throw new ArmError(
      400,
      "InvalidResourceGroup",
      `The provided resource group name '${name}' is not valid. It takes 1 to 90 letters, digits, '-', '.', '(', ')' and '_', and doesn't end with '.'.`,
    );
  },
  put: ({ body }) => ({ ...body, properties: SUCCEEDED }),
});
