import ipaddr from "ipaddr.js";
import { z } from "zod";
import { ArmError, invalidReference } from "../arm-error";
import { parentId } from "../resource-id";
import { type ResourceStore } from "../resource-store";

/** Who reaches an account. Stored only: all clients of local Azure are on loopback. */
export const NETWORK_ACLS = z.strictObject({
  defaultAction: z.enum(["Allow", "Deny"]),
  bypass: z.enum(["None", "AzureServices"]).optional(),
  ipRules: z
    .array(z.strictObject({ value: z.string(), action: z.literal("Allow").optional() }))
    .max(400)
    .optional(),
  virtualNetworkRules: z
    .array(z.strictObject({ id: z.string(), action: z.literal("Allow").optional() }))
    .max(400)
    .optional(),
});
type NetworkAcls = z.infer<typeof NETWORK_ACLS>;

/** As Azure shows it. */
export const shownNetworkAcls = (acls: Partial<NetworkAcls> = {}) => ({
  bypass: "AzureServices",
  defaultAction: "Allow",
  ...acls,
  ipRules: (acls.ipRules ?? []).map((rule) => ({ ...rule, action: "Allow" })),
  virtualNetworkRules: (acls.virtualNetworkRules ?? []).map((rule) => ({
    ...rule,
    action: "Allow",
    state: "Succeeded",
  })),
});

/** In the region, and in all. Source: Azure's "Azure Storage firewall rules", cross-region service endpoints. */
const STORAGE_ENDPOINTS = ["Microsoft.Storage", "Microsoft.Storage.Global"];

/**
 * Sources: Azure's "Azure Storage firewall rules", restrictions of IP network rules; of the subnet's error
 * terraform-provider-azurerm 16547.
 */
export function requireNetworkAcls(
  { ipRules = [], virtualNetworkRules = [] }: Partial<NetworkAcls>,
  store: ResourceStore,
): void {
  for (const { value } of ipRules) {
    if (isPublicRange(value)) continue;
    throw new ArmError(
      400,
      "InvalidValuesForRequestParameters",
      `Values for request parameters are invalid: networkAcls.ipRule[*].value ('${value}').`,
    );
  }
  for (const { id } of virtualNetworkRules) {
    const subnet = store.get(id);
    if (!subnet) throw invalidReference(id);
    const { serviceEndpoints = [] } = subnet.shown.properties as {
      serviceEndpoints?: readonly { service: string }[];
    };
    if (serviceEndpoints.some(({ service }) => STORAGE_ENDPOINTS.includes(service))) continue;
    throw new ArmError(
      400,
      "NetworkAclsValidationFailure",
      `Validation of network acls failure: SubnetsHaveNoServiceEndpointsConfigured:Subnets ${subnet.name} of virtual network ${parentId(id)} do not have ServiceEndpoints for Microsoft.Storage resources configured. ` +
        "Add Microsoft.Storage to subnet's ServiceEndpoints collection before trying to ACL Microsoft.Storage resources to these subnets..",
    );
  }
}

/** An address, or a range of at least four: /31 and /32 have to be single addresses. */
function isPublicRange(value: string): boolean {
  const [address = "", length] = value.split("/");
  return (
    ipaddr.IPv4.isValidFourPartDecimal(address) &&
    ipaddr.IPv4.parse(address).range() === "unicast" &&
    (length === undefined || (/^\d+$/.test(length) && Number(length) <= 30))
  );
}
