import { z } from "zod";
import { resourceType } from "../../resource-type";
import { PRIVATE_DNS_ZONE_GROUPS, PRIVATE_ENDPOINTS } from "../../resource-type-names";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "../common";
import { API_VERSIONS, requireNetworkName, requireReference } from "./rules";

const CONNECTION = z.strictObject({
  name: z.string(),
  properties: z.strictObject({
    privateLinkServiceId: z.string(),
    /** Parts of the service; a storage account has more. */
    groupIds: z.tuple([z.literal("blob")]),
  }),
});

const SUBNET_REFERENCE = z.strictObject({
  id: z.string(),
  // azure-native sends the defaults of a subnet with each reference.
  properties: z
    .strictObject({
      privateEndpointNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
      privateLinkServiceNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
    })
    .optional(),
});

/** Stored only: everything of local Azure is on loopback, and the guest's resolver knows all names without zones. */
export const privateEndpoint = resourceType({
  type: PRIVATE_ENDPOINTS,
  apiVersions: API_VERSIONS,
  asynchronous: ["PUT", "DELETE"],
  patch: TAGS_PATCH,
  requireValidName: requireNetworkName,
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    properties: z.strictObject({
      subnet: SUBNET_REFERENCE,
      privateLinkServiceConnections: z.array(CONNECTION).length(1),
    }),
  }),
  validate: ({ body: { properties }, store }) => {
    requireReference(store, properties.subnet.id);
    for (const connection of properties.privateLinkServiceConnections) {
      requireReference(store, connection.properties.privateLinkServiceId);
    }
  },
  put: ({ body }) => ({
    ...body,
    properties: {
      ...body.properties,
      subnet: { id: body.properties.subnet.id },
      privateLinkServiceConnections: body.properties.privateLinkServiceConnections.map((each) => ({
        ...each,
        properties: {
          ...each.properties,
          privateLinkServiceConnectionState: { status: "Approved", actionsRequired: "None" },
          ...SUCCEEDED,
        },
      })),
      manualPrivateLinkServiceConnections: [],
      ...SUCCEEDED,
    },
  }),
});

export const privateDnsZoneGroup = resourceType({
  type: PRIVATE_DNS_ZONE_GROUPS,
  apiVersions: API_VERSIONS,
  asynchronous: ["PUT", "DELETE"],
  requireValidName: requireNetworkName,
  schema: z.strictObject({
    properties: z.strictObject({
      privateDnsZoneConfigs: z
        .array(
          z.strictObject({
            name: z.string(),
            properties: z.strictObject({ privateDnsZoneId: z.string() }),
          }),
        )
        .min(1),
    }),
  }),
  validate: ({ body, store }) => {
    for (const { properties } of body.properties.privateDnsZoneConfigs) {
      requireReference(store, properties.privateDnsZoneId);
    }
  },
  put: ({ body }) => ({ properties: { ...body.properties, ...SUCCEEDED } }),
});
