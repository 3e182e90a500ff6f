import { z } from "zod";
import { ArmError } from "../../arm-error";
import { resourceType } from "../../resource-type";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "../common-schemas";
import { API_VERSIONS, requireNetworkName } from "./common";
import { refuseUsedAddress } from "./in-use";

/** A public address of local Azure is the loopback address that VMs are reached at. */
export const publicIpAddress = (address: string) =>
  resourceType({
    type: "Microsoft.Network/publicIPAddresses",
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
    put: ({ body }) => ({
      ...body,
      sku: { tier: "Regional", ...(body.sku ?? { name: "Basic" }) },
      properties: {
        publicIPAddressVersion: "IPv4",
        idleTimeoutInMinutes: 4,
        ...body.properties,
        ipAddress: address,
        ...SUCCEEDED,
      },
    }),
  });
