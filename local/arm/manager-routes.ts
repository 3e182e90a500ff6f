import { z } from "zod";
import { type ArmAnswer } from "./arm-answer";
import { ArmError, resourceGroupNotFound } from "./arm-error";
import { type Dispatcher } from "./dispatcher";
import { parseBody } from "./request-body";
import { type ResourceStore } from "./resource-store";
import { type ResourceType } from "./resource-type";
import { RESOURCES_API_VERSIONS } from "./resource-type-names";
import { genericView, isGeneric } from "./resource-view";

export interface ManagerRequest {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** The values of the `:name` parts of the URL. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly dispatcher: Dispatcher;
}

/** A route that isn't for one resource. */
export interface ManagerRoute {
  readonly method: "GET" | "POST";
  /** `:name` matches any word. */
  readonly url: string;
  readonly apiVersions: readonly string[];
  answer(request: ManagerRequest): ArmAnswer | Promise<ArmAnswer>;
}

const SUBSCRIPTIONS_API_VERSIONS = ["2022-12-01"];

const SUBSCRIPTION = "/subscriptions/:subscriptionId";

/** The routes of the Resource Manager itself. Sources: the REST API's "Subscriptions", "Resources" and "Providers". */
export function managerRoutes(types: readonly ResourceType[]): ManagerRoute[] {
  return [
    {
      method: "GET",
      url: "/subscriptions",
      apiVersions: SUBSCRIPTIONS_API_VERSIONS,
      answer: (request) => ({ status: 200, body: { value: [subscription(request)] } }),
    },
    {
      method: "GET",
      url: SUBSCRIPTION,
      apiVersions: SUBSCRIPTIONS_API_VERSIONS,
      answer: (request) => ({ status: 200, body: subscription(request) }),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/resources`,
      apiVersions: RESOURCES_API_VERSIONS,
      answer: (request) => resources(request),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/resourceGroups/:resourceGroupName/resources`,
      apiVersions: RESOURCES_API_VERSIONS,
      answer: (request) => resources(request, request.params.resourceGroupName),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/providers`,
      apiVersions: RESOURCES_API_VERSIONS,
      answer: (request) => ({
        status: 200,
        list: namespaces(request).map((namespace) => provider(request, namespace)),
      }),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/providers/:namespace`,
      apiVersions: RESOURCES_API_VERSIONS,
      answer: (request) => ({ status: 200, body: namedProvider(request) }),
    },
    {
      // Every provider is always registered.
      method: "POST",
      url: `${SUBSCRIPTION}/providers/:namespace/register`,
      apiVersions: RESOURCES_API_VERSIONS,
      answer: (request) => ({ status: 200, body: namedProvider(request) }),
    },
    ...types.flatMap(nameAvailability),
  ];
}

function subscription({ subscriptionId, tenantId }: ManagerRequest) {
  return {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: "Local Azure",
    state: "Enabled",
    authorizationSource: "RoleBased",
  };
}

async function resources(
  { subscriptionId, dispatcher }: ManagerRequest,
  groupName?: string,
): Promise<ArmAnswer> {
  const scope = `/subscriptions/${subscriptionId}${groupName ? `/resourceGroups/${groupName}` : ""}`;
  if (groupName && !dispatcher.store.get(scope)) throw resourceGroupNotFound(groupName);
  const views = await dispatcher.viewsBelow(scope, isGeneric);
  return { status: 200, list: views.map(genericView) };
}

const namespaceOf = ({ type }: ResourceType): string => type.split("/")[0] ?? "";

const namespaces = ({ dispatcher }: ManagerRequest): string[] => [
  ...new Set(dispatcher.types.all().map(namespaceOf)),
];

function provider({ subscriptionId, dispatcher }: ManagerRequest, namespace: string) {
  return {
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationPolicy: "RegistrationRequired",
    registrationState: "Registered",
    resourceTypes: dispatcher.types
      .all()
      .filter((type) => namespaceOf(type) === namespace)
      .map(({ type, apiVersions }) => ({
        resourceType: type.slice(namespace.length + 1),
        locations: [],
        apiVersions,
      })),
  };
}

function namedProvider(request: ManagerRequest) {
  const name = request.params.namespace ?? "";
  const namespace = namespaces(request).find((known) => known.toLowerCase() === name.toLowerCase());
  if (namespace !== undefined) return provider(request, namespace);
  throw new ArmError(
    404,
    "InvalidResourceNamespace",
    `The resource namespace '${name}' is invalid; local Azure has ${namespaces(request).join(", ")}.`,
  );
}

/** The checkNameAvailability routes of a type whose names are unique in all of Azure. */
function nameAvailability(type: ResourceType): ManagerRoute[] {
  return (type.nameCheck?.paths ?? []).map((path) => ({
    method: "POST",
    url: `${SUBSCRIPTION}/providers/${path}`,
    apiVersions: type.apiVersions,
    answer: (request) => ({ status: 200, body: checkName(type, request) }),
  }));
}

/** Source: the REST API's "Check Name Availability" of storage accounts and flexible servers. */
function checkName(type: ResourceType, { body, dispatcher }: ManagerRequest) {
  const schema = z.strictObject({ name: z.string(), type: z.literal(type.type).optional() });
  const { name } = parseBody(schema, "checkNameAvailability", body);
  try {
    type.requireValidName?.(name);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    const reason = type.nameCheck?.invalidReason;
    return { name, nameAvailable: false, reason, message: error.message };
  }
  if (!isNameTaken(dispatcher.store, type, name)) return { name, nameAvailable: true };
  const message = `The name '${name}' is already taken.`;
  return { name, nameAvailable: false, reason: "AlreadyExists", message };
}

const isNameTaken = (store: ResourceStore, { type, nameCheck }: ResourceType, name: string) =>
  Boolean(nameCheck?.takenElsewhere.has(name)) ||
  store.ofType(type).some((record) => record.name.toLowerCase() === name.toLowerCase());
