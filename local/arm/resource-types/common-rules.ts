import { ArmError } from "../arm-error";
import { groupId } from "../resource-id";
import { type PutRequest, type ResourceType } from "../resource-type";
import { RESOURCE_GROUPS } from "../verbs";
import { normalLocation, requireLocation } from "./locations";

/** A type with the rules that the Resource Manager has for resources of all types, which come before the type's own. */
export function withCommonRules(type: ResourceType): ResourceType {
  return {
    ...type,
    async validate(request) {
      requireStandingGroup(request);
      requireSameLocation(type, request);
      await type.validate?.(request);
    },
  };
}

/** Source: the Resource Manager's error ResourceGroupBeingDeleted. */
function requireStandingGroup({ subscriptionId, resourceGroupName, store }: PutRequest<unknown>) {
  const group = store.get(groupId({ subscriptionId, resourceGroupName }));
  if (!group?.deleting) return;
  throw new ArmError(
    409,
    "ResourceGroupBeingDeleted",
    `The resource group '${resourceGroupName}' is in deprovisioning state and cannot perform this operation.`,
  );
}

/** Source: Azure's "Troubleshoot common deployment errors", InvalidResourceLocation and InvalidResourceGroupLocation. */
function requireSameLocation(type: ResourceType, request: PutRequest<unknown>): void {
  const { location } = request.body as { location?: string };
  if (location === undefined) return;
  requireLocation(location, type.type);
  const before = request.existing?.shown.location as string | undefined;
  if (before === undefined || normalLocation(before) === normalLocation(location)) return;
  if (type.type === RESOURCE_GROUPS) {
    throw new ArmError(
      409,
      "InvalidResourceGroupLocation",
      `Invalid resource group location '${location}'. The Resource group already exists in location '${before}'.`,
    );
  }
  throw new ArmError(
    409,
    "InvalidResourceLocation",
    `The resource '${request.name}' already exists in location '${before}' in resource group ` +
      `'${request.resourceGroupName}'. A resource with the same name cannot be created in location '${location}'. ` +
      "Please select a new resource name.",
  );
}
