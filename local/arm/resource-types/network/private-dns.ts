import { z } from "zod";
import { partial } from "../../request-body";
import { resourceType } from "../../resource-type";
import { refuseLinkedZone } from "./in-use";
import { SUB_RESOURCE, SUCCEEDED, TAGS, TAGS_PATCH } from "../common-schemas";

const API_VERSIONS = ["2024-06-01"];
const GLOBAL = z.literal("global");

/** Names in a zone are the guest resolver's affair: it knows Azure's domains as a whole. */
export const privateDnsZone = resourceType({
  type: "Microsoft.Network/privateDnsZones",
  apiVersions: API_VERSIONS,
  schema: z.strictObject({ location: GLOBAL, tags: TAGS }),
  patch: TAGS_PATCH,
  validateDelete: refuseLinkedZone,
  put: ({ body }) => ({ ...body, properties: { numberOfRecordSets: 1, ...SUCCEEDED } }),
});

const LINK_BODY = z.strictObject({
  location: GLOBAL,
  tags: TAGS,
  properties: z.strictObject({
    virtualNetwork: SUB_RESOURCE,
    registrationEnabled: z.boolean(),
    resolutionPolicy: z.enum(["Default", "NxDomainRedirect"]).optional(),
  }),
});

export const virtualNetworkLink = resourceType({
  type: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
  apiVersions: API_VERSIONS,
  schema: LINK_BODY,
  patch: { schema: partial(LINK_BODY.omit({ location: true })) },
  put: ({ body }) => ({
    ...body,
    properties: { ...body.properties, virtualNetworkLinkState: "Completed", ...SUCCEEDED },
  }),
});
