import { ArmError, resourceGroupNotFound } from "./arm-error";
import { type ArmAnswer, type Dispatcher } from "./dispatcher";
import { nameAvailability } from "./name-availability";
import { genericView, isGeneric } from "./resource-view";
import { type ResourceType } from "./resource-type";
import { RESOURCES_API } from "./verbs";

export interface ManagerRequest {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** The words that the URL's `:name` places stand for. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly dispatcher: Dispatcher;
}

/** A route that belongs to no resource type. */
export interface ManagerRoute {
  readonly method: "GET" | "POST";
  /** `:name` stands for any word. */
  readonly url: string;
  readonly apiVersions: readonly string[];
  answer(request: ManagerRequest): ArmAnswer | Promise<ArmAnswer>;
}

const SUBSCRIPTIONS_API = ["2022-12-01"];

const SUBSCRIPTION = "/subscriptions/:subscriptionId";

/** What the Resource Manager answers itself. Sources: the REST API's "Subscriptions", "Resources" and "Providers". */
export function managerRoutes(types: readonly ResourceType[]): ManagerRoute[] {
  return [
    {
      method: "GET",
      url: "/subscriptions",
      apiVersions: SUBSCRIPTIONS_API,
      answer: (request) => ({ status: 200, body: { value: [subscription(request)] } }),
    },
    {
      method: "GET",
      url: SUBSCRIPTION,
      apiVersions: SUBSCRIPTIONS_API,
      answer: (request) => ({ status: 200, body: subscription(request) }),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/resources`,
      apiVersions: RESOURCES_API,
      answer: (request) => resources(request),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/resourceGroups/:resourceGroupName/resources`,
      apiVersions: RESOURCES_API,
      answer: (request) => resources(request, request.params.resourceGroupName),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/providers`,
      apiVersions: RESOURCES_API,
      answer: (request) => ({
        status: 200,
        list: namespaces(request).map((namespace) => provider(request, namespace)),
      }),
    },
    {
      method: "GET",
      url: `${SUBSCRIPTION}/providers/:namespace`,
      apiVersions: RESOURCES_API,
      answer: (request) => ({ status: 200, body: namedProvider(request) }),
    },
    {
      // Every provider is registered from the start.
      method: "POST",
      url: `${SUBSCRIPTION}/providers/:namespace/register`,
      apiVersions: RESOURCES_API,
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
