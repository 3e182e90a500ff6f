import * as crypto from "node:crypto";
import * as net from "node:net";
import { z } from "zod";
import { ArmError } from "../arm-error";
import { ResourceStore } from "../resource-store";
import { resourceType } from "../resource-type";
import { LOCATION, SUB_RESOURCE, SUCCEEDED, TAGS, TAGS_PATCH } from "./common-schemas";

/** azure-native's, and that of @azure/arm-network 36: what local Azure takes and shows is the same in both. */
const API_VERSIONS = ["2024-05-01", "2025-05-01"];

/** Azure reserves the first four addresses of a subnet; the first machine gets the fifth. */
const FIRST_PRIVATE_ADDRESS = 4;

const SECURITY_RULE = z.strictObject({
  name: z.string(),
  properties: z.strictObject({
    description: z.string().optional(),
    protocol: z.enum(["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"]),
    access: z.enum(["Allow", "Deny"]),
    direction: z.enum(["Inbound", "Outbound"]),
    priority: z.int().min(100).max(4096),
    sourceAddressPrefix: z.string().optional(),
    sourceAddressPrefixes: z.array(z.string()).optional(),
    sourcePortRange: z.string().optional(),
    sourcePortRanges: z.array(z.string()).optional(),
    destinationAddressPrefix: z.string().optional(),
    destinationAddressPrefixes: z.array(z.string()).optional(),
    destinationPortRange: z.string().optional(),
    destinationPortRanges: z.array(z.string()).optional(),
  }),
});

export const virtualNetwork = resourceType({
  type: "Microsoft.Network/virtualNetworks",
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
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

export const subnet = resourceType({
  type: "Microsoft.Network/virtualNetworks/subnets",
  apiVersions: API_VERSIONS,
  schema: z.strictObject({
    properties: z.strictObject({
      addressPrefix: z.cidrv4(),
      networkSecurityGroup: SUB_RESOURCE.optional(),
      privateEndpointNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
      privateLinkServiceNetworkPolicies: z.enum(["Disabled", "Enabled"]).optional(),
      delegations: z
        .array(
          z.strictObject({
            name: z.string(),
            properties: z.strictObject({ serviceName: z.string() }),
          }),
        )
        .optional(),
    }),
  }),
  put: ({ body }) => ({
    properties: {
      privateEndpointNetworkPolicies: "Disabled",
      privateLinkServiceNetworkPolicies: "Enabled",
      delegations: [],
      ...body.properties,
      ...SUCCEEDED,
    },
  }),
});

export const networkSecurityGroup = resourceType({
  type: "Microsoft.Network/networkSecurityGroups",
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    properties: z.strictObject({ securityRules: z.array(SECURITY_RULE).optional() }),
  }),
  put: ({ body }) => ({
    ...body,
    properties: {
      securityRules: (body.properties.securityRules ?? []).map((rule) => ({
        ...rule,
        properties: { ...rule.properties, ...SUCCEEDED },
      })),
      ...SUCCEEDED,
    },
  }),
});

/** A public address of local Azure is the loopback address that VMs are reached at. */
export const publicIpAddress = (address: string) =>
  resourceType({
    type: "Microsoft.Network/publicIPAddresses",
    apiVersions: API_VERSIONS,
    patch: TAGS_PATCH,
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

export const networkInterface = resourceType({
  type: "Microsoft.Network/networkInterfaces",
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
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
              subnet: SUB_RESOURCE,
              publicIPAddress: SUB_RESOURCE.optional(),
              privateIPAllocationMethod: z.enum(["Static", "Dynamic"]).optional(),
            }),
          }),
        )
        .min(1),
    }),
  }),
  validate: ({ body, store }) => {
    for (const { properties } of body.properties.ipConfigurations) {
      requireReference(store, properties.subnet.id);
      if (properties.publicIPAddress) requireReference(store, properties.publicIPAddress.id);
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
          ...SUCCEEDED,
        },
      })),
      ...SUCCEEDED,
    },
  }),
});

/** Source: Azure Resource Manager's error InvalidResourceReference. */
function requireReference(store: ResourceStore, id: string): void {
  if (store.get(id)) return;
  throw new ArmError(
    400,
    "InvalidResourceReference",
    `Resource ${id} referenced by the request was not found. Please make sure that the referenced resource exists.`,
  );
}

function privateAddress(store: ResourceStore, subnetId: string): string {
  const properties = store.get(subnetId)?.shown.properties as { addressPrefix: string };
  const [network = "0.0.0.0"] = properties.addressPrefix.split("/");
  if (!net.isIPv4(network)) return network;
  const octets = network.split(".").map(Number);
  octets[3] = (octets[3] ?? 0) + FIRST_PRIVATE_ADDRESS;
  return octets.join(".");
}

/** In Microsoft's range, the same for the same interface. */
function macAddress(id: string): string {
  const digest = crypto.createHash("sha256").update(id.toLowerCase()).digest("hex").toUpperCase();
  return ["00", "0D", "3A", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join("-");
}
