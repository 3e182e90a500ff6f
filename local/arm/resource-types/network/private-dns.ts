import { z } from "zod";
import { partial } from "../../request-body";
import { resourceType } from "../../resource-type";
import { PRIVATE_DNS_ZONES, VIRTUAL_NETWORK_LINKS } from "../../resource-type-names";
import { SUB_RESOURCE, SUCCEEDED, TAGS, TAGS_PATCH } from "../common";
import { refuseLinkedZone } from "./rules";

const API_VERSIONS = ["2024-06-01"];
const GLOBAL = z.literal("global");

/** Stored only: the resolver of the guest resolves all of Azure's domains without zones. */
export const privateDnsZone = resourceType({
  type: PRIVATE_DNS_ZONES,
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
  type: VIRTUAL_NETWORK_LINKS,
  apiVersions: API_VERSIONS,
  schema: LINK_BODY,
  patch: { schema: partial(LINK_BODY.omit({ location: true })) },
  put: ({ body }) => ({
    ...body,
    properties: { ...body.properties, virtualNetworkLinkState: "Completed", ...SUCCEEDED },
  }),
});
