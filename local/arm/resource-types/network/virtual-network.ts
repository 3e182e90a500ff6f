import { z } from "zod";
import { type ResourceRecord } from "../../resource-store";
import { resourceType } from "../../resource-type";
import { SUBNETS, VIRTUAL_NETWORKS } from "../../resource-type-names";
import { LOCATION, SUB_RESOURCE, SUCCEEDED, TAGS, TAGS_PATCH } from "../common";
import { requireRangesOfSubnets, requireSubnetRange } from "./address-ranges";
import { API_VERSIONS, refuseUsedSubnet, refuseUsedSubnets, requireNetworkName } from "./rules";

export const virtualNetwork = resourceType({
  type: VIRTUAL_NETWORKS,
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
  requireValidName: requireNetworkName,
  validate: requireRangesOfSubnets,
  validateDelete: ({ id }, store) => refuseUsedSubnets(store, id),
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    properties: z.strictObject({
      addressSpace: z.strictObject({ addressPrefixes: z.array(z.cidrv4()).min(1) }),
      enableDdosProtection: z.boolean().optional(),
      enableVmProtection: z.boolean().optional(),
    }),
  }),
  put: ({ body }) => ({ ...body, properties: { ...body.properties, ...SUCCEEDED } }),
});

const SUBNET_BODY = z.strictObject({
  properties: z.strictObject({
    addressPrefix: z.cidrv4(),
    networkSecurityGroup: SUB_RESOURCE.optional(),
    privateEndpointNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
    privateLinkServiceNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
    serviceEndpoints: z
      .array(z.strictObject({ service: z.string(), locations: z.array(z.string()).optional() }))
      .optional(),
    delegations: z
      .array(
        z.strictObject({
          name: z.string(),
          properties: z.strictObject({ serviceName: z.string() }),
        }),
      )
      .optional(),
  }),
});

export const subnet = resourceType<z.infer<typeof SUBNET_BODY>>({
  type: SUBNETS,
  apiVersions: API_VERSIONS,
  requireValidName: requireNetworkName,
  validate: requireSubnetRange,
  validateDelete: ({ id }, store) => refuseUsedSubnet(store, id),
  schema: SUBNET_BODY,
  put: ({ body, existing }) => ({
    properties: {
      ...associationOf(existing),
      privateEndpointNetworkPolicies: "Disabled",
      privateLinkServiceNetworkPolicies: "Enabled",
      delegations: [],
      ...body.properties,
      ...(body.properties.serviceEndpoints && {
        serviceEndpoints: body.properties.serviceEndpoints.map((each) => ({
          locations: ["*"],
          ...each,
          ...SUCCEEDED,
        })),
      }),
      ...SUCCEEDED,
    },
  }),
});

/** Services that use the subnet stay linked to it: associateSubnet. */
function associationOf(existing: ResourceRecord | undefined): object {
  const { serviceAssociationLinks } = (existing?.shown.properties ?? {}) as Record<string, unknown>;
  return serviceAssociationLinks ? { serviceAssociationLinks } : {};
}
