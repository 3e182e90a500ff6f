import { findResource, resourcesOf } from "./candidates";
import { type Exported, type StateResource } from "./stack-state";

/** A resource that exists in the cloud and isn't in the state. */
export interface Adopted {
  readonly resource: StateResource;
  readonly id: string;
  /** What the cloud shows of it, as outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Marks a resource as not yet complete, as a failed creation does: the next update sends it again, whatever the inputs are.
 * Source: hasInitErrors in resource/deploy/step_generator.go of pulumi/pulumi.
 */
const incomplete = (resource: StateResource, verb: string): StateResource => ({
  ...resource,
  initErrors: [...(resource.initErrors ?? []), `interrupted while ${verb}`],
});

/** The state with the adopted resources. A resource that one of them replaces is deleted by the next update. */
export function withAdopted(state: Exported, adopted: readonly Adopted[]): Exported {
  return adopted.reduce((result, { resource, id, outputs }) => {
    const others = resourcesOf(result).flatMap((each): StateResource[] => {
      if (each.urn !== resource.urn || each.delete) return [each];
      return each.pendingReplacement ? [] : [{ ...each, delete: true }];
    });
    const added = incomplete({ ...resource, id, outputs: { ...outputs } }, "creating");
    return withResources(result, [...others, added]);
  }, state);
}

/** The state in which each resource whose update was interrupted is updated again. */
export function withUpdatesAgain(state: Exported, urns: readonly string[]): Exported {
  return urns.reduce((result, urn) => {
    const found = findResource(result, urn);
    if (!found?.custom) return result;
    const marked = incomplete(found, "updating");
    return withResources(
      result,
      resourcesOf(result).map((each) => (each === found ? marked : each)),
    );
  }, state);
}

/**
 * The state after a refresh, in which each incomplete resource has the inputs from before and stays incomplete. A refresh adds to
 * the inputs what the cloud shows now and didn't show while it worked on the resource; for a VM that would mean a replacement.
 */
export function withIncompleteKept(before: Exported, refreshed: Exported): Exported {
  const incompletes = resourcesOf(before).filter(({ initErrors }) => initErrors?.length);
  const resources = resourcesOf(refreshed).map((each) => {
    const old = incompletes.find(({ urn, id }) => urn === each.urn && id === each.id);
    return old ? { ...each, inputs: old.inputs, initErrors: old.initErrors } : each;
  });
  return withResources(refreshed, resources);
}

const withResources = (state: Exported, resources: StateResource[]): Exported => ({
  ...state,
  deployment: { ...state.deployment, resources, pending_operations: null },
});
