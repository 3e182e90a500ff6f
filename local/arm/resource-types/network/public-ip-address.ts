import { z } from "zod";
import { ArmError } from "../../arm-error";
import { resourceType } from "../../resource-type";
import { PUBLIC_IP_ADDRESSES } from "../../resource-type-names";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "../common";
import { ipAddress, type MachineAddresses } from "./machine-addresses";
import { API_VERSIONS, refuseUsedAddress, requireNetworkName } from "./rules";

/** A loopback address of the lab, which it keeps until it is deleted. */
export const publicIpAddress = (addresses: MachineAddresses) =>
  resourceType({
    type: PUBLIC_IP_ADDRESSES,
    apiVersions: API_VERSIONS,
    patch: TAGS_PATCH,
    requireValidName: requireNetworkName,
    validateDelete: ({ id }, store) => refuseUsedAddress(store, id),
    schema: z.strictObject({
      location: LOCATION,
      tags: TAGS,
      sku: z
        .strictObject({
          name: z.enum(["Basic", "Standard"]),
          tier: z.enum(["Regional", "Global"]).optional(),
        })
        .optional(),
      zones: z.array(z.string()).optional(),
      properties: z.strictObject({
        publicIPAllocationMethod: z.enum(["Static", "Dynamic"]).optional(),
        publicIPAddressVersion: z.enum(["IPv4"]).optional(),
        idleTimeoutInMinutes: z.int().optional(),
      }),
    }),
    validate: ({ body }) => {
      if (body.sku?.name === "Standard" && body.properties.publicIPAllocationMethod !== "Static") {
        throw new ArmError(
          400,
          "StandardSkuPublicIPAddressesMustBeStatic",
          "Standard sku publicIp must have AllocationMethod set to Static.",
        );
      }
    },
    delete: async ({ id }) => addresses.release(id),
    put: ({ id, body, existing }) => ({
      ...body,
      sku: { tier: "Regional", ...(body.sku ?? { name: "Basic" }) },
      properties: {
        publicIPAddressVersion: "IPv4",
        idleTimeoutInMinutes: 4,
        ...body.properties,
        ipAddress: (existing && ipAddress(existing)) ?? addresses.take(id),
        ...SUCCEEDED,
      },
    }),
  });
