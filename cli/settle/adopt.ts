import { findResource, resourcesOf } from "./candidates";
import { type Exported, type StateResource } from "./stack-state";

/** A resource that exists in the cloud and isn't in the state. */
export interface Adopted {
  readonly resource: StateResource;
  readonly id: string;
  readonly apiVersion: string;
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
  return adopted.reduce((result, { resource, id, apiVersion }) => {
    const others = resourcesOf(result).flatMap((each): StateResource[] => {
      if (each.urn !== resource.urn || each.delete) return [each];
      return each.pendingReplacement ? [] : [{ ...each, delete: true }];
    });
    const outputs = { azureApiVersion: apiVersion };
    const added = incomplete({ ...resource, id, outputs }, "creating");
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

const withResources = (state: Exported, resources: StateResource[]): Exported => ({
  ...state,
  deployment: { ...state.deployment, resources, pending_operations: null },
});
