import { z } from "zod";
import { resourceType } from "../resource-type";
import {
  EVENT_HUB_AUTHORIZATION_RULES,
  EVENT_HUB_NAMESPACES,
  EVENT_HUBS,
} from "../resource-type-names";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "./common";

const API_VERSIONS = ["2024-01-01"];
const ACTIVE = { status: "Active" } as const;
const SKU = z.enum(["Basic", "Standard", "Premium"]);

/** Stored only: it takes no messages. */
export const eventHubNamespace = resourceType({
  type: EVENT_HUB_NAMESPACES,
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    sku: z.strictObject({ name: SKU, tier: SKU.optional(), capacity: z.int().min(0).optional() }),
    properties: z.strictObject({
      minimumTlsVersion: z.enum(["1.0", "1.1", "1.2"]).optional(),
      publicNetworkAccess: z.enum(["Enabled", "Disabled", "SecuredByPerimeter"]).optional(),
    }),
  }),
  put: ({ body, name }) => ({
    ...body,
    properties: {
      ...body.properties,
      serviceBusEndpoint: `https://${name}.servicebus.windows.net:443/`,
      ...ACTIVE,
      ...SUCCEEDED,
    },
  }),
});

/** Stored only. */
export const eventHub = resourceType({
  type: EVENT_HUBS,
  apiVersions: API_VERSIONS,
  // Source: the REST API's "Event Hubs - Create Or Update", which has no other.
  createdStatus: 200,
  schema: z.strictObject({
    properties: z.strictObject({
      messageRetentionInDays: z.int().min(1),
      partitionCount: z.int().min(1).max(32),
    }),
  }),
  put: ({ body }) => {
    const partitionIds = Array.from({ length: body.properties.partitionCount }, (_, id) => `${id}`);
    return { properties: { ...body.properties, partitionIds, ...ACTIVE } };
  },
});

/** Stored only: it has no keys. */
export const eventHubAuthorizationRule = resourceType({
  type: EVENT_HUB_AUTHORIZATION_RULES,
  apiVersions: API_VERSIONS,
  createdStatus: 200,
  schema: z.strictObject({
    properties: z.strictObject({ rights: z.array(z.enum(["Listen", "Manage", "Send"])).min(1) }),
  }),
  put: ({ body }) => body,
});
