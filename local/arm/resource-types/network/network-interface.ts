import * as ipaddr from "ipaddr.js";
import * as crypto from "node:crypto";
import { z } from "zod";
import { type ResourceStore } from "../../resource-store";
import { resourceType } from "../../resource-type";
import { NETWORK_INTERFACES } from "../../resource-type-names";
import { LOCATION, SUB_RESOURCE, SUCCEEDED, TAGS, TAGS_PATCH } from "../common";
import {
  API_VERSIONS,
  refuseUsedInterface,
  requireFreeAddress,
  requireNetworkName,
  requireReference,
} from "./rules";

/** Azure reserves the first four addresses of a subnet, 0 to 3. */
const FIRST_PRIVATE_ADDRESS = 4;

/** Microsoft's network client sends an empty `properties` with the id. */
const SUBNET_REFERENCE = z.strictObject({
  id: z.string(),
  properties: z.strictObject({}).optional(),
});

export const networkInterface = resourceType({
  type: NETWORK_INTERFACES,
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
  requireValidName: requireNetworkName,
  validateDelete: ({ id }, store) => refuseUsedInterface(store, id),
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    properties: z.strictObject({
      networkSecurityGroup: SUB_RESOURCE.optional(),
      ipConfigurations: z
        .array(
          z.strictObject({
            name: z.string(),
            properties: z.strictObject({
              primary: z.boolean().optional(),
              subnet: SUBNET_REFERENCE,
              publicIPAddress: SUB_RESOURCE.optional(),
              privateIPAllocationMethod: z.enum(["Static", "Dynamic"]).optional(),
            }),
          }),
        )
        .min(1),
    }),
  }),
  validate: ({ id, body, store }) => {
    for (const { properties } of body.properties.ipConfigurations) {
      requireReference(store, properties.subnet.id);
      if (!properties.publicIPAddress) continue;
      requireReference(store, properties.publicIPAddress.id);
      requireFreeAddress(store, properties.publicIPAddress.id, id);
    }
  },
  put: ({ body, id, store, existing }) => ({
    ...body,
    properties: {
      ...body.properties,
      macAddress: existing?.shown.properties
        ? (existing.shown.properties as { macAddress: string }).macAddress
        : macAddress(id),
      ipConfigurations: body.properties.ipConfigurations.map((configuration) => ({
        ...configuration,
        id: `${id}/ipConfigurations/${configuration.name}`,
        properties: {
          primary: true,
          privateIPAllocationMethod: "Dynamic",
          privateIPAddressVersion: "IPv4",
          privateIPAddress: privateAddress(store, configuration.properties.subnet.id),
          ...configuration.properties,
          subnet: { id: configuration.properties.subnet.id },
          ...SUCCEEDED,
        },
      })),
      ...SUCCEEDED,
    },
  }),
});

function privateAddress(store: ResourceStore, subnetId: string): string {
  const properties = store.get(subnetId)?.shown.properties as { addressPrefix: string };
  const { octets } = ipaddr.IPv4.networkAddressFromCIDR(properties.addressPrefix);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + FIRST_PRIVATE_ADDRESS].join(".");
}

/** In Microsoft's range, and always the same for an interface. */
function macAddress(id: string): string {
  const digest = crypto.createHash("sha256").update(id.toLowerCase()).digest("hex").toUpperCase();
  return ["00", "0D", "3A", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join("-");
}
