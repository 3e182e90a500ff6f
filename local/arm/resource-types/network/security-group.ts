import { z } from "zod";
import { ArmError } from "../../arm-error";
import { resourceType } from "../../resource-type";
import { NETWORK_SECURITY_GROUPS } from "../../resource-type-names";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "../common";
import { API_VERSIONS, refuseUsedSecurityGroup, requireNetworkName } from "./rules";

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

export const networkSecurityGroup = resourceType({
  type: NETWORK_SECURITY_GROUPS,
  apiVersions: API_VERSIONS,
  patch: TAGS_PATCH,
  requireValidName: requireNetworkName,
  validate: ({ body }) => requireUniquePriorities(body.properties.securityRules ?? []),
  validateDelete: ({ id }, store) => refuseUsedSecurityGroup(store, id),
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

/** Source: terraform-provider-azurerm 11137. */
function requireUniquePriorities(rules: readonly z.infer<typeof SECURITY_RULE>[]): void {
  const names = new Map<string, string>();
  for (const { name, properties } of rules) {
    const place = `${properties.direction} ${properties.priority}`;
    const other = names.get(place);
    if (other !== undefined) {
      throw new ArmError(
        400,
        "SecurityRuleConflict",
        `Security rule ${other} conflicts with rule ${name}. Rules cannot have the same Priority and Direction. ` +
          "To learn more, see aka.ms/nsgrules.",
      );
    }
    names.set(place, name);
  }
}
