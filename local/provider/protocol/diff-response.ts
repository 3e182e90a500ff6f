import { DiffResponse, PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import type { DiffResult, PropertyChange } from "./types";

const { Kind } = PropertyDiff;
const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
} as const;

/** A handler's changes as the engine shows them: property by property, old inputs against new ones. */
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
