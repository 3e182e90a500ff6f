import { parseArmPath } from "../../../local/arm/resource-id";
import { RESOURCE_GROUPS } from "../../../local/arm/resource-type-names";
import type { ArmRequest } from "../../../local/provider/azure-native/arm-client";
import { type AzureTypes } from "./azure-types";
import { type Definition, type Problem, validate } from "./bicep-validator";

/** Properties that belong to the path instead of the body. */
const OWN_NAMES = new Set(["id", "name", "type", "apiVersion"]);

/** Open enums that accept other values, by type or action. */
const FREE_VALUES: Readonly<Record<string, readonly string[]>> = {
  // The words are those of 2019. Source: Azure's REST reference of virtual machines, HardwareProfile: another API
  // lists the sizes.
  "Microsoft.Compute/virtualMachines": ["properties.hardwareProfile.vmSize"],
  // Letters are combined, such as rl. Source: Azure's "Create a service SAS", specifying permissions.
  "Microsoft.Storage/storageAccounts/listServiceSas": ["signedPermission"],
};

/** The target of a path: a resource type, the names of its segments, and an action. */
export interface Target {
  readonly type: string;
  readonly names: readonly string[];
  readonly action?: string;
}

export function target(path: string): Target {
  const parsed = parseArmPath(path);
  if (!parsed) throw new Error(`${path} is not a path of the Resource Manager`);
  const { type = RESOURCE_GROUPS, names, tail } = parsed;
  return { type, names, action: tail };
}

/** The problems of a request by Microsoft's types: in its body, and in the names of its path. */
export function judge(types: AzureTypes, request: ArmRequest): Problem[] {
  const { type, names, action } = target(request.path);
  const { method, apiVersion, body } = request;
  if (!types.describes(type, apiVersion)) return [];
  const problems = nameProblems(types, type, names, apiVersion);
  switch (method) {
    case "GET":
    case "DELETE":
      return problems;
    case "PUT":
      return [...problems, ...validate(bodyOf(types, type, apiVersion), body)];
    case "POST": {
      const definition = actionBodyOf(types, type, apiVersion, action ?? "");
      return [...problems, ...(definition ? validate(definition, body) : noBody(body))];
    }
    default:
      throw new Error(`Microsoft's types don't describe ${String(method)} ${request.path}`);
  }
}

/** The body of a PUT; a PATCH has the same properties. @throws Error if Azure doesn't have the type */
export function bodyOf(types: AzureTypes, type: string, apiVersion: string): Definition {
  const place = types.resource(type, apiVersion);
  if (!place) throw new Error(`Microsoft's types have no ${type} of ${apiVersion}`);
  return { ...place, freeValues: freeValuesOf(type), ownNames: OWN_NAMES };
}

/** The body of a POST action; undefined if it has none. @throws Error if Azure doesn't have the action */
export function actionBodyOf(
  types: AzureTypes,
  type: string,
  apiVersion: string,
  action: string,
): Definition | undefined {
  const found = types.action(type, apiVersion, action);
  if (!found) throw new Error(`Microsoft's types have no action ${action} of ${type}`);
  return found.body && { ...found.body, freeValues: freeValuesOf(`${type}/${action}`) };
}

function freeValuesOf(owner: string): ReadonlySet<string> {
  const known = Object.entries(FREE_VALUES).find(
    ([name]) => name.toLowerCase() === owner.toLowerCase(),
  );
  return new Set(known?.[1]);
}

const noBody = (body: unknown): Problem[] =>
  body === undefined
    ? []
    : [{ path: "", rule: "unknown property", expected: "the action has no body", value: body }];

/** Checks each name with the definition of its segment: a server's, and then its database's. */
function nameProblems(
  types: AzureTypes,
  type: string,
  names: readonly string[],
  apiVersion: string,
): Problem[] {
  const [namespace = "", ...segments] = type.split("/");
  return names.flatMap((name, index) => {
    const owner = [namespace, ...segments.slice(0, index + 1)].join("/");
    const definition = types.resourceName(owner, apiVersion);
    const problems = definition ? validate(definition, name) : [];
    return problems.map((problem) => ({ ...problem, path: `name of ${owner}` }));
  });
}
