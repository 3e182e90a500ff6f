import { z } from "zod";
import { resourceType } from "../resource-type";
import { RESOURCE_GROUPS, RESOURCES_API } from "../verbs";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "./common-schemas";

/** Deleting a group deletes what is in it, the youngest first. Source: Azure Resource Manager, "Resource group and resource deletion". */
export const resourceGroup = resourceType({
  type: RESOURCE_GROUPS,
  apiVersions: RESOURCES_API,
  schema: z.strictObject({ location: LOCATION, tags: TAGS }),
  patch: TAGS_PATCH,
  put: ({ body }) => ({ ...body, properties: SUCCEEDED }),
});
