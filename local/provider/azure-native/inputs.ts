import { isDeepStrictEqual } from "node:util";
import { type Inputs, isObject } from "../protocol";
import { inputsFromId, pathInputs } from "./body";
import { without, withoutEmpty } from "./property-paths";
import { type ResourceSpec } from "./resource-spec";

/** The inputs that make an existing resource what it is: what it shows, and what its id holds. */
export function importedInputs(spec: ResourceSpec, id: string, outputs: Inputs): Inputs {
  const shown = (withoutEmpty(outputsAsInputs(spec, outputs)) ?? {}) as Inputs;
  return { ...shown, ...inputsFromId(spec, id) };
}

/**
 * The inputs after a refresh. Azure shows more than was put, so outputs aren't held against inputs: what has changed between
 * the outputs before and now is changed in the inputs alike. As azure-native does it (`Read` in its provider.go).
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

/** Outputs without those that are no inputs or stand in the id. */
function outputsAsInputs(
  spec: ResourceSpec,
  outputs: Inputs,
  others: readonly string[] = [],
): Inputs {
  return without(outputs, [...spec.readOnly, ...pathInputs(spec), ...others]);
}

/** A value with those changes that lead from `before` to `now`. */
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
