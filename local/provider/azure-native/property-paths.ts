import { type Inputs, isObject } from "../protocol";

/**
 * A copy without what stands at the property paths, `a.b` or, in the members of a list, `a[].b`. Properties that are null
 * are left out too: they count as absent.
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

/** A copy without empty lists and objects; undefined where nothing is left. */
export function withoutEmpty(value: unknown): unknown {
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
