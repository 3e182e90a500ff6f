import { type Change } from "./preview";

/**
 * What was changed outside Pulumi and would be changed back by `pulumi up --refresh`: the changes of a preview that compares with
 * the cloud, without those of one that compares with the state. The latter are of commits that aren't applied yet; a property
 * that both change counts as theirs.
 */
export function driftOf(
  againstCloud: readonly Change[],
  againstState: readonly Change[],
): Change[] {
  return againstCloud.flatMap((change): Change[] => {
    const pending = againstState.find(({ urn, op }) => urn === change.urn && op === change.op);
    if (!pending) return [change];
    const properties = change.properties.filter((each) => !pending.properties.includes(each));
    return properties.length === 0 ? [] : [{ ...change, properties }];
  });
}
