import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import type { DiffResult, Inputs, PropertyChange } from "./types";
import { isArchive, isAsset, isObject } from "./values";

export interface DiffOptions {
  /** Property paths: a change at or below one of them replaces the resource. @default none */
  readonly replaceOn?: readonly string[];
  /** Property paths: changes at or below them are ignored. @default none */
  readonly ignore?: readonly string[];
}

/**
 * The differences between two sets of plain values, by property path. Lists are compared index by index; null counts as
 * absent; assets and archives are equal if their hashes are.
 */
export function diffInputs(
  olds: Inputs,
  news: Inputs,
  { replaceOn = [], ignore = [] }: DiffOptions = {},
): PropertyChange[] {
  const changes: PropertyChange[] = [];
  compare("", olds, news, changes);
  return changes
    .filter(({ path }) => !ignore.some((prefix) => isAtOrBelow(path, prefix)))
    .map((change) =>
      replaceOn.some((prefix) => isAtOrBelow(change.path, prefix))
        ? { ...change, replaces: true }
        : change,
    );
}

function compare(path: string, before: unknown, after: unknown, changes: PropertyChange[]): void {
  const absentBefore = before === undefined || before === null;
  const absentAfter = after === undefined || after === null;
  if (absentBefore && absentAfter) return;
  if (absentBefore || absentAfter) {
    changes.push({ path, kind: absentBefore ? "add" : "delete" });
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compare(`${path}[${index}]`, before[index], after[index], changes);
    }
  } else if (isTree(before) && isTree(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(propertyPath(path, key), before[key], after[key], changes);
    }
  } else if (!sameLeaf(before, after)) {
    changes.push({ path, kind: "update" });
  }
}

function isTree(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !isAsset(value) && !isArchive(value);
}

function sameLeaf(before: unknown, after: unknown): boolean {
  if ((isAsset(before) && isAsset(after)) || (isArchive(before) && isArchive(after))) {
    return before.hash !== undefined && before.hash === after.hash;
  }
  return before === after;
}

/** Appends a key to a property path: `a.b`, or `a["b.c"]` for a key that isn't a plain name. */
export function propertyPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function isAtOrBelow(path: string, prefix: string): boolean {
  return path === prefix || (path.startsWith(prefix) && /^[.[]/.test(path.slice(prefix.length)));
}

const { Kind } = PropertyDiff;
const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
} as const;

/** A handler's changes as the engine shows them, by property, from the old inputs to the new ones. */
export function diffResponse({ changes, deleteBeforeReplace = false }: DiffResult): DiffResponse {
  const response = new DiffResponse()
    .setChanges(
      changes.length > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE,
    )
    .setDiffsList(topLevel(changes))
    .setReplacesList(topLevel(changes.filter(({ replaces }) => replaces)))
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const { path, kind, replaces } of changes) {
    const detail = new PropertyDiff().setKind(KINDS[kind][replaces ? 1 : 0]).setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/** The first property of each path, once. */
function topLevel(changes: readonly PropertyChange[]): string[] {
  return [...new Set(changes.map(({ path }) => /^\["(.*?)"\]|^[^.[]+/.exec(path)?.[0] ?? path))];
}
