import { RESOURCE_GROUPS, RESOURCES_API_VERSIONS } from "../arm/resource-type-names";
import { parseArmPath } from "../arm/resource-id";

/** Where the claims are checked: every resource that they create is in the group. */
export interface Place {
  /** `/subscriptions/<id>`. */
  readonly subscription: string;
  /** The id of the resource group. */
  readonly group: string;
  readonly location: string;
  /** Another of Azure's locations. */
  readonly otherLocation: string;
  /** 8 characters of a-z and 0-9, for names that are unique in all of Azure. */
  readonly unique: string;
  /** The password of the servers' administrator; no report shows it. */
  readonly password: string;
}

export interface Request {
  readonly method: "GET" | "PUT" | "PATCH" | "DELETE" | "POST";
  /** With its api-version. */
  readonly url: string;
  readonly body?: unknown;
}

/** An answer, or the end of the long-running operation that the request started. */
export interface Expected {
  /** Status of the answer to the request itself. */
  readonly status?: number;
  /** How the operation ends. */
  readonly ended?: "Succeeded" | "Failed";
  /** Azure's code of the error. */
  readonly code?: string;
  /** What the error's message contains. */
  readonly message?: RegExp;
  /** Properties of the answer's body, or of the resource after the operation. */
  readonly body?: object;
}

/** A behaviour of Azure: one request and its answer. */
export interface Claim {
  readonly states: string;
  readonly request: Request;
  readonly expected: Expected;
}

/** A request that must succeed, so that the claims after it can be checked. */
export interface SetUp {
  readonly setUp: Request;
}

export type Step = Claim | SetUp;

/** Steps in their order, on resources of their own. */
export interface Topic {
  readonly name: string;
  /** What the topic takes on Azure. */
  readonly minutes: number;
  readonly steps: (place: Place) => Step[];
}

export const isClaim = (step: Step): step is Claim => "states" in step;

const SUBSCRIPTIONS = "Microsoft.Resources/subscriptions";

/** The api-version of each namespace or, before it, type. */
const API_VERSIONS: readonly (readonly [prefix: string, version: string | undefined])[] = [
  [RESOURCE_GROUPS, RESOURCES_API_VERSIONS[0]],
  ["Microsoft.Network/privateDnsZones", "2024-06-01"],
  ["Microsoft.Network/", "2024-05-01"],
  ["Microsoft.Storage/", "2024-01-01"],
  ["Microsoft.DBforPostgreSQL/", "2025-08-01"],
  ["Microsoft.Insights/", "2021-05-01-preview"],
  ["Microsoft.Compute/", "2024-11-01"],
  ["Microsoft.OperationalInsights/", "2023-09-01"],
  ["Microsoft.EventHub/", "2024-01-01"],
  ["Microsoft.ManagedIdentity/", "2023-01-31"],
];

/** The resource type of a path: of a resource, of a list, or of the resource that an action runs on. */
export function typeOf(url: string, method: string): string {
  const path = parseArmPath(url.split("?")[0] ?? "");
  const outside = path?.resourceGroupName === undefined ? SUBSCRIPTIONS : RESOURCE_GROUPS;
  const { type = outside, tail } = path ?? {};
  const isAction = method === "POST" && type.includes("/");
  return tail === undefined || isAction ? type : `${type}/${tail}`;
}

/** A request with the api-version of its type. */
export function request(method: Request["method"], path: string, body?: unknown): Request {
  const type = typeOf(path, method);
  const [, version] = API_VERSIONS.find(([prefix]) => `${type}/`.startsWith(prefix)) ?? [];
  return { method, url: `${path}${path.includes("?") ? "&" : "?"}api-version=${version}`, body };
}

export const put = (path: string, body: unknown = {}) => request("PUT", path, body);
export const get = (path: string) => request("GET", path);
export const remove = (path: string) => request("DELETE", path);
export const post = (path: string, body?: unknown) => request("POST", path, body);
export const setUp = (setUpRequest: Request): SetUp => ({ setUp: setUpRequest });

export const claim = (states: string, claimed: Request, expected: Expected): Claim => ({
  states,
  request: claimed,
  expected,
});

/** A claim that a request is refused at once. */
export const refused = (
  states: string,
  claimed: Request,
  status: number,
  code: string,
  message?: RegExp,
): Claim => claim(states, claimed, { status, code, message });
