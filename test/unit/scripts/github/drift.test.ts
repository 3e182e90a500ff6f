import { changesTable } from "../../../../scripts/github/changes-table";
import { driftOf } from "../../../../scripts/github/drift";
import { type Change, changesOf } from "../../../../scripts/github/preview";

const urn = (type: string, name: string) => `urn:pulumi:dev::pg-audit-lab::${type}::${name}`;
const NETWORK_RULES = urn(
  "pg-audit-lab:index:Network$azure-native:network:NetworkSecurityGroup",
  "network-nsg",
);
const PARAMETER = urn("azure-native:dbforpostgresql:Configuration", "postgres-pgaudit-log");

const update = (of: string, ...properties: string[]): Change => ({
  ...{ op: "update", urn: of, properties },
});

describe("the changes of a preview", () => {
  const step = (op: string, more: object = {}) => ({ op, urn: PARAMETER, ...more });
  const read = (...steps: object[]) => changesOf(JSON.stringify({ config: {}, steps }));

  test.each(["same", "refresh", "read", "read-replacement", "discard"])("have no %s", (op) => {
    expect(read(step(op))).toEqual([]);
  });

  test("have the paths of properties and no values", () => {
    const detailedDiff = { value: { kind: "update" }, "tags.owner": { kind: "add" } };
    const state = { inputs: { value: "NONE" } };
    const changes = read(step("update", { detailedDiff, oldState: state, newState: state }));
    expect(changes).toEqual([update(PARAMETER, "tags.owner", "value")]);
  });

  test("have the properties of a provider without a detailed difference", () => {
    const changes = read(step("replace", { detailedDiff: null, diffReasons: ["triggers"] }));
    expect(changes).toEqual([{ op: "replace", urn: PARAMETER, properties: ["triggers"] }]);
  });

  test("are unknown in other output", () => {
    expect(changesOf("warning: no stack")).toBeUndefined();
    expect(changesOf("{}")).toBeUndefined();
  });
});

describe("drift", () => {
  test("is what only the comparison with the cloud finds", () => {
    const recreated = { op: "create", urn: NETWORK_RULES, properties: [] };
    const pending = update(PARAMETER, "value");
    expect(driftOf([recreated, pending], [pending])).toEqual([recreated]);
  });

  test("of a resource that a commit changes too is only what the commit doesn't change", () => {
    const found = driftOf(
      [update(NETWORK_RULES, "securityRules[0].access", "tags.owner")],
      [update(NETWORK_RULES, "tags.owner")],
    );
    expect(found).toEqual([update(NETWORK_RULES, "securityRules[0].access")]);
  });
});

describe("the table", () => {
  test("names resource, type without its parents, and properties, in one order", () => {
    const one = update(PARAMETER, "value");
    const other = update(NETWORK_RULES, "securityRules[0].access");
    expect(changesTable([one, other])).toBe(changesTable([other, one]));
    expect(changesTable([other])).toContain(
      "| update | `network-nsg` | `azure-native:network:NetworkSecurityGroup` | `securityRules[0].access` |",
    );
  });

  test("formats nothing that a tag's name contains", () => {
    const name = "tags.`@team` | <b>\u202e\n# Title";
    expect(changesTable([update(PARAMETER, name)]).split("\n")).toHaveLength(3);
    expect(changesTable([update(PARAMETER, name)])).toContain(
      "`tags.?@team? ? <b>\\u202e\\x0a# Title`",
    );
  });
});
