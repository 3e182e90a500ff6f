import { regionName } from "../../../common/region-name";
import { z } from "zod";
import { ArmError } from "../arm-error";
import { groupId, resourceKey } from "../resource-id";
import { type ResourceRecord, type ResourceStore } from "../resource-store";
import { type PutRequest, type ResourceType, type Shown } from "../resource-type";
import { LOCKS, RESOURCE_GROUPS } from "../resource-type-names";

export const TAGS = z.record(z.string(), z.string()).optional();
/** The PATCH body of network resources, Azure's UpdateTags. */
export const TAGS_PATCH = { schema: z.strictObject({ tags: TAGS }) };
export const LOCATION = z.string();
export const SUB_RESOURCE = z.strictObject({ id: z.string() });

/** Azure's provisioningState of an existing resource. */
export const SUCCEEDED = { provisioningState: "Succeeded" } as const;

/** What is shown of a resource, with the provisioningState during its creation. */
export const creating = (shown: Shown): Shown => ({
  ...shown,
  properties: { ...shown.properties, provisioningState: "Creating" },
});

/** Adds the rules that the Resource Manager has for all types; they are checked before those of the type. */
export function withCommonRules(type: ResourceType): ResourceType {
  return {
    ...type,
    async validate(request) {
      refuseGroupInDeletion(request);
      requireSameLocation(type, request);
      requireTags(request.body as { tags?: Readonly<Record<string, string>> });
      await type.validate?.(request);
    },
    async validateDelete(record, store, ifMatch) {
      if (type.type !== LOCKS) refuseLockedScope(record, store);
      await type.validateDelete?.(record, store, ifMatch);
    },
  };
}

/**
 * A lock covers what is below its scope, and what contains it. Source: Azure's "Lock your resources to protect your
 * infrastructure", lock inheritance; the text is that of AzureTRE 4664.
 */
function refuseLockedScope({ id }: ResourceRecord, store: ResourceStore): void {
  const isWithin = (inner: string, outer: string) =>
    `${resourceKey(inner)}/`.startsWith(`${resourceKey(outer)}/`);
  const scopes = store
    .ofType(LOCKS)
    .map((lock) => lock.id.slice(0, resourceKey(lock.id).lastIndexOf("/providers/")))
    .filter((scope) => isWithin(id, scope) || isWithin(scope, id));
  if (scopes.length === 0) return;
  throw new ArmError(
    409,
    "ScopeLocked",
    `The scope '${id}' cannot perform delete operation because following scope(s) are locked: ` +
      `'${scopes.join(",")}'. Please remove the lock and try again.`,
  );
}

/** Source: the Resource Manager's error ResourceGroupBeingDeleted. */
function refuseGroupInDeletion({ subscriptionId, resourceGroupName, store }: PutRequest<unknown>) {
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
  if (before === undefined || regionName(before) === regionName(location)) return;
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

const MOST_TAGS = 50;
const LONGEST_TAG_NAME = 512;
const LONGEST_TAG_VALUE = 256;

/** Source: Azure's "Use tags to organize your resources", limitations; MicrosoftDocs/azure-docs 5647. The codes aren't documented. */
function requireTags({ tags = {} }: { readonly tags?: Readonly<Record<string, string>> }): void {
  const names = Object.keys(tags);
  const refuse = (code: string, text: string) => new ArmError(400, code, text);
  if (names.length > MOST_TAGS) {
    throw refuse(
      "InvalidTags",
      `The resource has ${names.length} tags; at most ${MOST_TAGS} are allowed.`,
    );
  }
  for (const [name, value] of Object.entries(tags)) {
    if (name === "" || name.length > LONGEST_TAG_NAME || /[<>%&\\?/]/.test(name)) {
      throw refuse(
        "InvalidTagNameCharacters",
        `The tag name '${name}' is not valid: it must consist of 1 to ${LONGEST_TAG_NAME} characters without '<,>,%,&,\\,?,/'.`,
      );
    }
    if (/^(microsoft|azure|windows)/i.test(name)) {
      throw refuse("ReservedTagName", `The tag name '${name}' has a reserved prefix.`);
    }
    if (value.length > LONGEST_TAG_VALUE) {
      throw refuse(
        "InvalidTagValueLength",
        `The value of the tag '${name}' has more than ${LONGEST_TAG_VALUE} characters.`,
      );
    }
  }
}

/** Public regions with flexible servers, machines and storage. Source: Azure's "List of Azure regions". */
const LOCATIONS: ReadonlySet<string> = new Set(
  `australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral brazilsouth
  brazilsoutheast canadacentral canadaeast centralindia centralus chilecentral denmarkeast eastasia eastus eastus2
  francecentral francesouth germanynorth germanywestcentral indonesiacentral israelcentral italynorth japaneast
  japanwest jioindiacentral jioindiawest koreacentral koreasouth malaysiawest mexicocentral newzealandnorth
  northcentralus northeurope norwayeast norwaywest polandcentral qatarcentral southafricanorth southafricawest
  southcentralus southeastasia southindia spaincentral swedencentral swedensouth switzerlandnorth switzerlandwest
  uaecentral uaenorth uksouth ukwest westcentralus westeurope westindia westus westus2 westus3`.split(
    /\s+/,
  ),
);

/** The location of resources that belong to no region, such as private DNS zones. */
const GLOBAL = "global";

/** Source: Azure's "Troubleshoot common deployment errors", LocationNotAvailableForResourceType. */
function requireLocation(location: string, type: string): void {
  const normal = regionName(location);
  if (normal === GLOBAL || LOCATIONS.has(normal)) return;
  throw new ArmError(
    400,
    "LocationNotAvailableForResourceType",
    `The provided location '${location}' is not available for resource type '${type}'. ` +
      `List of available regions for the resource type is '${[...LOCATIONS].join(",")}'.`,
  );
}

/** A resource of the type with the same name in another group. */
export function namesake(
  store: ResourceStore,
  type: string,
  { id, name }: { readonly id: string; readonly name: string },
): ResourceRecord | undefined {
  return store
    .ofType(type)
    .find((other) => other.name.toLowerCase() === name.toLowerCase() && !isSameId(other.id, id));
}

export const isSameId = (a: string | undefined, b: string): boolean =>
  a !== undefined && resourceKey(a) === resourceKey(b);
