import { z } from "zod";
import { resourceType } from "../resource-type";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "./common-schemas";

/** Deleting a group deletes what is in it, the youngest first. Source: Azure Resource Manager, "Resource group and resource deletion". */
export const resourceGroup = resourceType({
  type: "Microsoft.Resources/resourceGroups",
  apiVersions: ["2024-03-01"],
  schema: z.strictObject({ location: LOCATION, tags: TAGS }),
  patch: TAGS_PATCH,
  put: ({ body }) => ({ ...body, properties: SUCCEEDED }),
});
