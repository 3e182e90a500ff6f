import { z } from "zod";
import { ArmError } from "../arm-error";
import { resourceType } from "../resource-type";
import { RESOURCE_GROUPS, RESOURCES_API_VERSIONS } from "../resource-type-names";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "./common";

/**
 * Deleting a group deletes its resources, the newest first; meanwhile no resource can be created in it. The operation is
 * polled at Location only. Source: Azure Resource Manager, "Resource group and resource deletion", and its REST API.
 */
export const resourceGroup = resourceType({
  type: RESOURCE_GROUPS,
  apiVersions: RESOURCES_API_VERSIONS,
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
      `The provided resource group name '${name}' is not valid. It must consist of 1 to 90 letters, digits, '-', '.', '(', ')' and '_', and must not end with '.'.`,
    );
  },
  put: ({ body }) => ({ ...body, properties: SUCCEEDED }),
});
