import { type Inputs, isObject } from "../protocol";
import { type ResourceSpec, type Wrapping } from "./resource-spec";

type Wrapped = NonNullable<ResourceSpec["wrapped"]>;

/** The inputs in the path, such as `{serverName}`. */
export const pathInputs = ({ path }: Pick<ResourceSpec, "path">): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "subscriptionId");

/** The resource's id from its inputs. */
export function resourceId(spec: ResourceSpec, inputs: Inputs, subscriptionId: string): string {
  return spec.path.replace(/\/?\{(\w+)\}/g, (_, name: string) => {
    const value = name === "subscriptionId" ? subscriptionId : (inputs[name] as string);
    // A value that is an id, such as a scope, starts with a slash.
    return value.startsWith("/") ? value : `/${value}`;
  });
}

/** The inputs in an id, for an imported resource. */
export function inputsFromId(spec: ResourceSpec, id: string): Inputs | undefined {
  const pattern = spec.path.replace(/\/?\{(\w+)\}/g, (_, name: string) =>
    name === "scope" || name === "resourceUri" ? `(?<${name}>/.+)` : `/(?<${name}>[^/]+)`,
  );
  const groups = new RegExp(`^${pattern}$`, "i").exec(id)?.groups;
  if (!groups) return undefined;
  const { subscriptionId: _, ...inputs } = groups;
  return inputs;
}

/** Inputs that are not in the body: the api-version, and names that start with two underscores. */
const isInternal = (name: string): boolean => name === "azureApiVersion" || name.startsWith("__");

/** The PUT body of a resource. */
export function toBody(spec: ResourceSpec, inputs: Inputs): Inputs {
  const inPath = new Set(pathInputs(spec));
  const properties: Inputs = {};
  const body: Inputs = {};
  for (const [name, value] of Object.entries(wrap(withSets(spec, inputs), spec.wrapped ?? {}))) {
    if (inPath.has(name) || isInternal(name) || value === undefined || value === null) continue;
    if (spec.envelope.includes(name)) body[name] = value;
    else properties[spec.renamed?.[name] ?? name] = value;
  }
  return Object.keys(properties).length > 0 ? { ...body, properties } : body;
}

/** Source: azure-native's sdk_shape_converter.go, `isStringSet`. */
function withSets({ stringSets = [] }: ResourceSpec, inputs: Inputs): Inputs {
  return stringSets.reduce<Inputs>(
    (tree, path) =>
      atPath(tree, path.split("."), (value) =>
        Array.isArray(value)
          ? Object.fromEntries(value.map((member) => [String(member), {}]))
          : value,
      ),
    inputs,
  );
}

/** The outputs of a response. */
export function toOutputs(spec: ResourceSpec, response: Inputs): Inputs {
  const { id: _, ...shown } = response;
  return {
    ...unwrap(flattened(spec, shown), spec.wrapped ?? {}),
    azureApiVersion: spec.apiVersion,
  };
}

function flattened(spec: ResourceSpec, { properties, ...top }: Inputs): Inputs {
  if (spec.properties === "whole") return { ...top, properties };
  return { ...top, ...withInputNames((properties ?? {}) as Inputs, spec.renamed) };
}

/** With the names of the inputs in place of those in the body. */
function withInputNames(body: Inputs, renamed: Readonly<Record<string, string>> = {}): Inputs {
  const names = Object.fromEntries(Object.entries(renamed).map(([input, wire]) => [wire, input]));
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [names[name] ?? name, value]),
  );
}

function wrap(inputs: Inputs, wrapped: Wrapped): Inputs {
  return atPaths(inputs, wrapped, (member, wrapping) => {
    const top: Inputs = {};
    const properties: Inputs = {};
    for (const [name, value] of Object.entries(wrap(member, wrapping.wrapped ?? {}))) {
      const wire = wrapping.renamed?.[name] ?? name;
      (wrapping.envelope.includes(name) ? top : properties)[wire] = value;
    }
    return Object.keys(properties).length > 0 ? { ...top, properties } : top;
  });
}

function unwrap(outputs: Inputs, wrapped: Wrapped): Inputs {
  return atPaths(outputs, wrapped, (member, wrapping) => {
    const { properties, ...top } = member;
    const flat = { ...top, ...(properties as Inputs | undefined) };
    return unwrap(withInputNames(flat, wrapping.renamed), wrapping.wrapped ?? {});
  });
}

/** A copy in which the members at each path (`a.b`) are changed. */
function atPaths(
  tree: Inputs,
  wrapped: Wrapped,
  change: (member: Inputs, wrapping: Wrapping) => Inputs,
): Inputs {
  let result = tree;
  for (const [path, wrapping] of Object.entries(wrapped)) {
    const changed = (value: unknown) => (isObject(value) ? change(value, wrapping) : value);
    result = atPath(result, path.split("."), (value) =>
      Array.isArray(value) ? value.map(changed) : changed(value),
    );
  }
  return result;
}

function atPath(
  tree: Inputs,
  [first = "", ...rest]: string[],
  change: (value: unknown) => unknown,
): Inputs {
  if (tree[first] === undefined) return tree;
  const value = tree[first];
  if (rest.length === 0) return { ...tree, [first]: change(value) };
  return isObject(value) ? { ...tree, [first]: atPath(value, rest, change) } : tree;
}
