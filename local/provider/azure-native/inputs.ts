import { isDeepStrictEqual } from "node:util";
import { type Inputs, isObject } from "../protocol";
import { inputsFromId, pathInputs } from "./body";
import { type ResourceSpec } from "./resource-spec";

/** The inputs that describe an existing resource: from its outputs and its id. */
export function importedInputs(spec: ResourceSpec, id: string, outputs: Inputs): Inputs {
  const shown = (withoutEmpty(outputsAsInputs(spec, outputs)) ?? {}) as Inputs;
  return { ...shown, ...inputsFromId(spec, id) };
}

/**
 * The inputs after a refresh. Azure returns more properties than were sent, so outputs can't be compared with inputs: the
 * changes from the outputs before to the outputs now are applied to the inputs. Source: `Read` in azure-native's provider.go.
 */
export function refreshedInputs(
  spec: ResourceSpec,
  inputs: Inputs,
  before: Inputs,
  now: Inputs,
): Inputs {
  const unset = (spec.subResources ?? []).filter((name) => inputs[name] === undefined);
  return withChanges(
    inputs,
    outputsAsInputs(spec, before, unset),
    outputsAsInputs(spec, now, unset),
  ) as Inputs;
}

/** The outputs that are inputs, without those in the id. */
function outputsAsInputs(
  spec: ResourceSpec,
  outputs: Inputs,
  others: readonly string[] = [],
): Inputs {
  return without(outputs, [...spec.readOnly, ...pathInputs(spec), ...others]);
}

/** A value with the changes from `before` to `now` applied. */
function withChanges(value: unknown, before: unknown, now: unknown): unknown {
  if (isDeepStrictEqual(before, now)) return value;
  if (isObject(value) && isObject(before) && isObject(now)) {
    return changedObject(value, before, now);
  }
  if (Array.isArray(value) && Array.isArray(before) && Array.isArray(now)) {
    return now.map((member: unknown, index) =>
      index < value.length && index < before.length
        ? withChanges(value[index], before[index], member)
        : member,
    );
  }
  return now;
}

function changedObject(value: Inputs, before: Inputs, now: Inputs): Inputs {
  const result = { ...value };
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (isDeepStrictEqual(before[name], now[name])) continue;
    if (now[name] === undefined) delete result[name];
    else {
      result[name] =
        value[name] === undefined ? now[name] : withChanges(value[name], before[name], now[name]);
    }
  }
  return result;
}

/**
 * A copy without the properties at the paths, `a.b` or, in the members of a list, `a[].b`. Properties with the value null
 * are also left out: they count as absent.
 */
export function without(tree: Inputs, paths: readonly string[]): Inputs {
  return prune(tree, "", new Set(paths)) as Inputs;
}

function prune(value: unknown, path: string, paths: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((member) => prune(member, `${path}[]`, paths));
  if (!isObject(value)) return value;
  const kept: Inputs = {};
  for (const [name, member] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (member === undefined || member === null || paths.has(at)) continue;
    kept[name] = prune(member, at, paths);
  }
  return kept;
}

/** A copy without empty lists and objects; undefined where nothing remains. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) {
    const members = value.map(withoutEmpty).filter((member) => member !== undefined);
    return members.length > 0 ? members : undefined;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .map(([name, member]) => [name, withoutEmpty(member)] as const)
    .filter(([, member]) => member !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
