import * as crypto from "node:crypto";
import { z } from "zod";
import { resourceType } from "../../resource-type";
import { NETWORK_INTERFACES } from "../../resource-type-names";
import { LOCATION, SUB_RESOURCE, SUCCEEDED, TAGS, TAGS_PATCH } from "../common";
import { type MachineAddresses } from "./machine-addresses";
import { PrivateAddresses } from "./private-addresses";
import {
  API_VERSIONS,
  type IpConfiguration,
  refuseUsedInterface,
  requireFreeAddress,
  requireNetworkName,
  requireReference,
} from "./rules";
import { requireSameNetwork, requireUsableSubnet } from "./subnet-of-interface";

/** Microsoft's network client sends an empty `properties` with the id. */
const SUBNET_REFERENCE = z.strictObject({
  id: z.string(),
  properties: z.strictObject({}).optional(),
});

interface ShownProperties {
  readonly macAddress: string;
  readonly ipConfigurations: readonly IpConfiguration[];
}

export const networkInterface = (addresses: MachineAddresses) =>
  resourceType({
    type: NETWORK_INTERFACES,
    apiVersions: API_VERSIONS,
    patch: TAGS_PATCH,
    requireValidName: requireNetworkName,
    validateDelete: ({ id }) => refuseUsedInterface(id, addresses.userOf(id)),
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
    validate: ({ id, body, existing, store }) => {
      const { ipConfigurations, networkSecurityGroup } = body.properties;
      if (networkSecurityGroup) requireReference(store, networkSecurityGroup.id);
      const before = existing?.shown.properties as ShownProperties | undefined;
      for (const { name, properties } of ipConfigurations) {
        const configurationId = `${id}/ipConfigurations/${name}`;
        requireUsableSubnet(store, properties.subnet.id, { ...body, id: configurationId });
        requireSameNetwork(properties.subnet.id, before?.ipConfigurations[0]);
        if (!properties.publicIPAddress) continue;
        requireReference(store, properties.publicIPAddress.id);
        requireFreeAddress(store, properties.publicIPAddress.id, id);
      }
    },
    put: async ({ body, id, store, existing }) => {
      const { ipConfigurations } = body.properties;
      await addresses.move(id, ipConfigurations);
      const before = existing?.shown.properties as ShownProperties | undefined;
      const privateAddresses = new PrivateAddresses(store, id);
      return {
        ...body,
        properties: {
          ...body.properties,
          macAddress: before?.macAddress ?? macAddress(id),
          ipConfigurations: ipConfigurations.map((configuration) => ({
            ...configuration,
            id: `${id}/ipConfigurations/${configuration.name}`,
            properties: {
              primary: true,
              privateIPAllocationMethod: "Dynamic",
              privateIPAddressVersion: "IPv4",
              privateIPAddress: privateAddresses.of(configuration, before),
              ...configuration.properties,
              subnet: { id: configuration.properties.subnet.id },
              ...SUCCEEDED,
            },
          })),
          ...SUCCEEDED,
        },
      };
    },
  });

/** In Microsoft's range, and always the same for an interface. */
function macAddress(id: string): string {
  const digest = crypto.createHash("sha256").update(id.toLowerCase()).digest("hex").toUpperCase();
  return ["00", "0D", "3A", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join("-");
}
