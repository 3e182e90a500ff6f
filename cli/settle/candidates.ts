import { type Exported, type Goal, type Plan, type StateResource } from "./stack-state";

/** A resource that may have been created although the state has no record of it. */
export interface Candidate {
  readonly resource: StateResource;
  /** Whether the engine recorded that it began to create it; else the program's next update would create it. */
  readonly isRecorded: boolean;
}

/** What the engine writes for a value that isn't known before an update. Source: plugin.UnknownStringValue of pulumi/pulumi. */
const UNKNOWN = /^04da6b54-80e4-46f7-96ec-b56ff0331ba9$/;

export const resourcesOf = ({ deployment }: Exported): readonly StateResource[] =>
  deployment?.resources ?? [];

/** The current resource of a URN, not one that an update has replaced. */
export const findResource = (state: Exported, urn: string): StateResource | undefined =>
  resourcesOf(state).find((each) => each.urn === urn && !each.delete);

/** The resources whose creation the engine had begun when it was killed. */
export function recordedCandidates({ deployment }: Exported): Candidate[] {
  return (deployment?.pending_operations ?? [])
    .filter(({ type }) => type === "creating")
    .map(({ resource }) => ({ resource, isRecorded: true }));
}

/** The resources that the next update would create and whose inputs are all known. */
export function plannedCandidates(state: Exported, plan: Plan): Candidate[] {
  return Object.entries(plan).flatMap(([urn, { goal, steps }]): Candidate[] => {
    const creates = steps?.some((step) => step === "create" || step === "create-replacement");
    if (!goal?.custom || !creates) return [];
    const resource = planned(urn, goal, findResource(state, urn)?.inputs ?? {});
    return isUnknown(resource.inputs) ? [] : [{ resource, isRecorded: false }];
  });
}

function planned(
  urn: string,
  goal: Goal,
  before: Readonly<Record<string, unknown>>,
): StateResource {
  const { adds, updates, deletes = [] } = goal.inputDiff ?? {};
  const kept = Object.entries(before).filter(([name]) => !deletes.includes(name));
  const { type, custom, parent, provider, protect, dependencies, propertyDependencies } = goal;
  return {
    ...{ urn, type, custom, parent, provider, protect, dependencies, propertyDependencies },
    additionalSecretOutputs: goal.additionalSecretOutputs,
    inputs: { ...Object.fromEntries(kept), ...adds, ...updates },
  };
}

function isUnknown(value: unknown): boolean {
  if (typeof value === "string") return UNKNOWN.test(value);
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}

/** Whether the state has everything that the resource refers to. */
export function hasReferences(state: Exported, { parent, provider, dependencies }: StateResource) {
  const urns = new Set(resourcesOf(state).map(({ urn }) => urn));
  const providers = new Set(resourcesOf(state).map(({ urn, id }) => `${urn}::${id}`));
  return (
    (parent === undefined || urns.has(parent)) &&
    provider !== undefined &&
    providers.has(provider) &&
    (dependencies ?? []).every((urn) => urns.has(urn))
  );
}
