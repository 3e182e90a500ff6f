import { resourceManagerFromEnvironment } from "../../azure/resource-manager";
import type { Notify } from "../../common/notify";
import { type Adopted, withAdopted, withIncompleteKept, withUpdatesAgain } from "./adopt";
import {
  type Candidate,
  hasReferences,
  plannedCandidates,
  recordedCandidates,
  resourcesOf,
} from "./candidates";
import { CloudResources } from "./cloud-resources";
import { type Exported, type StackCli, StackState } from "./stack-state";

export interface SettleOptions extends StackCli {
  /** Whether nobody else creates resources in the subscription. */
  readonly ownsSubscription: boolean;
  readonly notify: Notify;
}

/**
 * Brings a stack's state in line with the cloud after an interrupted update, so that the next update or `destroy` continues:
 *
 * - A resource that was created, but of which the engine has no record, is added to the state. Either the engine was killed and
 *   recorded that it began to create it, or its provider was killed or lost the response, and nothing is recorded; then the plan
 *   of the next update names it.
 * - A resource that was deleted leaves the state.
 * - A resource whose creation or update was interrupted is sent again by the next update.
 *
 * `pulumi refresh --import-pending-creates` of Pulumi 3.230 drops the record and doesn't import the resource (seen), and
 * `pulumi import` keeps neither inputs that Azure doesn't return, such as passwords, nor dependencies.
 */
export async function settle(options: SettleOptions): Promise<void> {
  const { notify, env } = options;
  const stack = new StackState(options);
  const before = await stack.read();
  const operations = before.deployment?.pending_operations ?? [];
  if (resourcesOf(before).length === 0 && operations.length === 0) return;
  const { send } = await resourceManagerFromEnvironment(env);
  const cloud = (state: Exported) =>
    new CloudResources(state, { ...options, send, subscriptionId: env.ARM_SUBSCRIPTION_ID });

  notify("Comparing the state with the cloud.");
  await stack.refresh();
  let state = await stack.read();
  if (await cloud(state).waitForRest(state)) {
    await stack.refresh();
    state = await stack.read();
  }
  const candidates = [
    ...recordedCandidates(before),
    ...plannedCandidates(state, await planOf(stack, notify)),
  ].filter(isFirst);
  const { adopted, foreign } = await cloud(state).find(candidates);
  foreign.forEach(notify);
  const complete = adopted.filter(({ resource }) => hasReferences(state, resource));
  complete.forEach((each) => notify(adoptedLine(each)));
  const updates = operations.filter(({ type }) => type === "updating");
  await stack.write(
    withUpdatesAgain(
      withAdopted(withIncompleteKept(before, state), complete),
      updates.map(({ resource }) => resource.urn),
    ),
  );
}

/** A program that can't run, because of its configuration for example, plans nothing. */
async function planOf(stack: StackState, notify: Notify) {
  return stack.plan().catch((error: Error) => {
    notify(
      `Resources without any record can't be looked for, because the program doesn't run:\n${error.message}`,
    );
    return {};
  });
}

/** A recorded resource comes before the plan's. */
const isFirst = ({ resource }: Candidate, index: number, all: readonly Candidate[]): boolean =>
  all.findIndex((other) => other.resource.urn === resource.urn) === index;

const adoptedLine = ({ resource, id }: Adopted): string =>
  `Found ${resource.urn.split("::").at(-1)}, whose creation was interrupted: ${id}`;
