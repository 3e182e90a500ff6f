import { withAdopted, withIncompleteKept, withUpdatesAgain } from "../../../../cli/settle/adopt";
import {
  hasReferences,
  plannedCandidates,
  recordedCandidates,
} from "../../../../cli/settle/candidates";
import { type Exported, type Plan, type StateResource } from "../../../../cli/settle/stack-state";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const PROVIDER = "urn:provider::p1";
const resource = (urn: string, more: Partial<StateResource> = {}): StateResource => ({
  ...{ urn, custom: true, type: "azure-native:x:Y", provider: PROVIDER },
  ...more,
});
const stateOf = (resources: StateResource[], operations: object[] = []): Exported =>
  ({
    version: 3,
    deployment: {
      manifest: { magic: "kept" },
      resources: [resource("urn:provider", { id: "p1" }), ...resources],
      pending_operations: operations,
    },
  }) as unknown as Exported;
const resources = (state: Exported) => state.deployment?.resources?.slice(1);

describe("candidates", () => {
  test("are the recorded creations, and no other operations", () => {
    const operations = ["creating", "updating", "deleting"].map((type) => ({
      ...{ type, resource: resource(`urn:${type}`) },
    }));
    expect(recordedCandidates(stateOf([], operations))).toEqual([
      { resource: resource("urn:creating"), isRecorded: true },
    ]);
  });

  test("are the plan's creations of which all inputs are known", () => {
    const goal = (adds: object) => ({
      ...{ type: "azure-native:x:Y", custom: true, provider: PROVIDER, inputDiff: { adds } },
    });
    const plan = {
      "urn:new": { goal: goal({ name: "a" }), steps: ["create"] },
      "urn:dependent": { goal: goal({ subnet: { ids: [UNKNOWN] } }), steps: ["create"] },
      "urn:same": { goal: goal({ name: "b" }), steps: ["same"] },
      "urn:component": { goal: { ...goal({}), custom: false }, steps: ["create"] },
    } as unknown as Plan;
    const found = plannedCandidates(stateOf([]), plan);
    expect(found.map((each) => each.resource.urn)).toEqual(["urn:new"]);
    expect(found[0]?.resource.inputs).toEqual({ name: "a" });
  });

  test("that replace a resource have its inputs with the changes", () => {
    const state = stateOf([resource("urn:vm", { inputs: { name: "vm", size: "s", zone: "1" } })]);
    const inputDiff = { updates: { size: "m" }, deletes: ["zone"] };
    const goal = { type: "azure-native:x:Y", custom: true, provider: PROVIDER, inputDiff };
    const plan = {
      "urn:vm": { goal, steps: ["create-replacement", "replace", "delete-replaced"] },
    };
    expect(plannedCandidates(state, plan)[0]?.resource.inputs).toEqual({ name: "vm", size: "m" });
  });

  test("have references that are in the state", () => {
    const state = stateOf([resource("urn:group", { id: "g" })]);
    const child = { parent: "urn:group", dependencies: ["urn:group"] };
    expect(hasReferences(state, resource("urn:a", child))).toBe(true);
    expect(hasReferences(state, resource("urn:a", { dependencies: ["urn:b"] }))).toBe(false);
    expect(hasReferences(state, resource("urn:a", { provider: "urn:provider::p2" }))).toBe(false);
  });
});

describe("the state with an adopted resource", () => {
  const adopted = { resource: resource("urn:vm"), id: "/vm", outputs: { vmId: "1" } };
  const added = resource("urn:vm", {
    ...{ id: "/vm", outputs: { vmId: "1" } },
    initErrors: ["interrupted while creating"],
  });

  test("has it last, keeps everything else, and has no pending operations", () => {
    const group = resource("urn:group", { id: "/g" });
    const state = withAdopted(stateOf([group], [{ type: "creating" }]), [adopted]);
    expect(resources(state)).toEqual([group, added]);
    expect(state.deployment).toMatchObject({
      manifest: { magic: "kept" },
      pending_operations: null,
    });
  });

  test("has it in place of the one that was deleted before, and beside the one that is to be deleted", () => {
    const gone = resource("urn:vm", { id: "/vm", pendingReplacement: true });
    expect(resources(withAdopted(stateOf([gone]), [adopted]))).toEqual([added]);
    const old = resource("urn:vm", { id: "/old" });
    expect(resources(withAdopted(stateOf([old]), [adopted]))).toEqual([
      { ...old, delete: true },
      added,
    ]);
  });
});

test("a resource whose update was interrupted is updated again", () => {
  const [a, b] = [resource("urn:a", { id: "a" }), resource("urn:b", { id: "b" })];
  expect(resources(withUpdatesAgain(stateOf([a, b]), ["urn:b", "urn:gone"]))).toEqual([
    ...[a, { ...b, initErrors: ["interrupted while updating"] }],
  ]);
});

test("a refresh changes no inputs of a resource that isn't complete", () => {
  const vm = { id: "/vm", inputs: { size: "s" }, initErrors: ["timeout"] };
  const before = stateOf([resource("urn:vm", vm), resource("urn:a", { id: "/a", inputs: {} })]);
  const refreshed = stateOf([
    resource("urn:vm", { id: "/vm", inputs: { size: "s", osProfile: {} }, outputs: { vmId: "1" } }),
    resource("urn:a", { id: "/a", inputs: { tags: {} } }),
  ]);
  expect(resources(withIncompleteKept(before, refreshed))).toEqual([
    resource("urn:vm", { ...vm, outputs: { vmId: "1" } }),
    resource("urn:a", { id: "/a", inputs: { tags: {} } }),
  ]);
});
