import type { ArmRequest } from "../../../local/provider/azure-native/arm-client";
import { type AzureTypes, testWithAzureTypes } from "./azure-types";
import type { Rule } from "./bicep-validator";
import { judge, target } from "./request-judge";
import { requestsOfEveryKind, type StackRequest } from "./stack-requests";

/** A mistake in a real request of the stack, and the rule that it breaks. */
interface Mistake {
  readonly in: string;
  readonly at: string;
  /** @default the place is removed from the body */
  readonly value?: unknown;
  readonly rule: Rule;
}

const SERVER = "creation of postgres";
const RULES = "properties.securityRules[0].properties";

const MISTAKES: readonly Mistake[] = [
  { in: SERVER, at: "region", value: "westeurope", rule: "unknown property" },
  { in: SERVER, at: "properties.collation", value: "C", rule: "unknown property" },
  { in: SERVER, at: "properties.storage.sizeGB", value: 32, rule: "unknown property" },
  { in: "update of network-nsg", at: `${RULES}.port`, value: "22", rule: "unknown property" },
  { in: "deletion of postgres-pgaudit-log", at: "value", value: "x", rule: "unknown property" },
  { in: SERVER, at: "properties.minorVersion", value: "8", rule: "read-only property" },
  { in: SERVER, at: "id", value: "/subscriptions/s", rule: "read-only property" },
  { in: SERVER, at: "name", value: "other", rule: "read-only property" },
  {
    in: "update of postgres-pgaudit-log",
    at: "properties.dataType",
    value: "Set",
    rule: "read-only property",
  },
  {
    in: "creation of network-nsg",
    at: `${RULES}.provisioningState`,
    value: "Succeeded",
    rule: "read-only property",
  },
  { in: "creation of storage", at: "sku.tier", value: "Standard", rule: "read-only property" },
  { in: SERVER, at: "location", rule: "missing property" },
  { in: "update of postgres", at: "sku.name", rule: "missing property" },
  { in: "creation of storage", at: "kind", rule: "missing property" },
  {
    in: "creation of postgres-diagnostic-setting",
    at: "properties.logs[0].enabled",
    rule: "missing property",
  },
  { in: "creation of mount-reader", at: "properties.principalId", rule: "missing property" },
  { in: "creation of postgres-vm-firewall-rule", at: "properties", rule: "missing property" },
  { in: SERVER, at: "properties.storage.storageSizeGB", value: "32", rule: "wrong type" },
  { in: SERVER, at: "properties.version", value: 15, rule: "wrong type" },
  { in: "creation of storage", at: "tags", value: ["owner"], rule: "wrong type" },
  { in: "creation of vm", at: "zones", value: "1", rule: "wrong type" },
  {
    in: "creation of vm",
    at: "properties.osProfile.linuxConfiguration.disablePasswordAuthentication",
    value: "yes",
    rule: "wrong type",
  },
  { in: SERVER, at: "sku.tier", value: "Basic", rule: "value outside the enum" },
  { in: SERVER, at: "properties.version", value: "9", rule: "value outside the enum" },
  { in: "creation of storage", at: "kind", value: "StorageV3", rule: "value outside the enum" },
  {
    in: "creation of storage",
    at: "properties.accessTier",
    value: "Warm",
    rule: "value outside the enum",
  },
  {
    in: "creation of network-nsg",
    at: `${RULES}.protocol`,
    value: "TCP/IP",
    rule: "value outside the enum",
  },
  { in: "creation of vm", at: "identity", value: { type: "Own" }, rule: "value outside the enum" },
  {
    in: "creation of postgres-vm-firewall-rule",
    at: "properties.startIpAddress",
    value: "192.0.2.256",
    rule: "pattern",
  },
  { in: "creation of postgres-database", at: "properties.charset", value: "8", rule: "pattern" },
  {
    in: "creation of postgres-diagnostic-setting",
    at: "properties.logs[0].retentionPolicy",
    value: { enabled: false, days: -1 },
    rule: "range",
  },
  {
    in: "call of azure-native:storage:listStorageAccountServiceSAS",
    at: "signedIdentifier",
    value: "x".repeat(65),
    rule: "length",
  },
  {
    in: "call of azure-native:storage:listStorageAccountServiceSAS",
    at: "signedResource",
    value: "container",
    rule: "value outside the enum",
  },
  {
    in: "call of azure-native:storage:listStorageAccountServiceSAS",
    at: "permissions",
    value: "rl",
    rule: "unknown property",
  },
  {
    in: "call of azure-native:storage:listStorageAccountServiceSAS",
    at: "canonicalizedResource",
    rule: "missing property",
  },
];

/** Names that Microsoft's types refuse, used instead of a resource's name. */
const WRONG_NAMES: readonly (readonly [request: string, name: string, rule: Rule])[] = [
  ["creation of storage", "ab", "length"],
  ["creation of storage", "a".repeat(25), "length"],
  ["creation of storage", "Audit-Logs", "pattern"],
  [SERVER, "p", "length"],
  [SERVER, "_psql", "pattern"],
  [SERVER, "p".repeat(64), "length"],
  ["creation of storage-container", "ab", "length"],
  ["creation of postgres-database", "1st", "pattern"],
  ["creation of postgres-database", "d".repeat(64), "length"],
  ["creation of postgres-vm-firewall-rule", "vm-", "pattern"],
  ["creation of postgres-pgaudit-log", "pgaudit log", "pattern"],
  ["creation of resource-group", "g".repeat(91), "length"],
  ["creation of resource-group", "a+b", "pattern"],
];

let requests: StackRequest[];
beforeAll(async () => {
  requests = await requestsOfEveryKind();
});

/** The last request with that purpose: a reset first reads the current value. */
function sent(purpose: string): ArmRequest {
  const found = requests.filter((request) => request.purpose === purpose).at(-1);
  if (!found) throw new Error(`the stack sends no ${purpose}`);
  return structuredClone(found.request);
}

const reported = (types: AzureTypes, request: ArmRequest) =>
  judge(types, request).map(({ path, rule }) => ({ path, rule }));

describe("a deliberate mistake is reported", () => {
  for (const mistake of MISTAKES) {
    testWithAzureTypes(`${mistake.rule} at ${mistake.at} in ${mistake.in}`, (types) => {
      const request = sent(mistake.in);
      expect(reported(types, request)).toEqual([]);
      change(request.body, mistake.at, mistake.value);
      expect(reported(types, request)).toEqual([
        { path: expect.stringMatching(startingWith(mistake.at)) as unknown, rule: mistake.rule },
      ]);
    });
  }

  for (const [purpose, name, rule] of WRONG_NAMES) {
    testWithAzureTypes(`${rule} of the name ${name} in ${purpose}`, (types) => {
      const request = sent(purpose);
      const path = request.path.replace(/[^/]+$/, name);
      expect(reported(types, { ...request, path })).toContainEqual({
        path: expect.stringMatching(/^name of /) as unknown,
        rule,
      });
    });
  }

  testWithAzureTypes("if any value of any request has another JSON type", (types) => {
    const unseen: string[] = [];
    for (const { purpose, request } of requests) {
      if (!types.describes(target(request.path).type, request.apiVersion)) continue;
      for (const place of valuesOf(request.body)) {
        const wrong = structuredClone(request);
        change(wrong.body, place, { surely: ["not", "this"] });
        if (reported(types, wrong).length === 0) unseen.push(`${purpose}: ${place}`);
      }
    }
    expect(unseen).toEqual([]);
  });

  testWithAzureTypes("in an action that has no body", (types) => {
    const request = sent("call of azure-native:storage:listStorageAccountKeys");
    expect(reported(types, request)).toEqual([]);
    expect(reported(types, { ...request, body: { expand: "kerb" } })).toHaveLength(1);
  });

  testWithAzureTypes("in an api-version or a type that Azure doesn't have", (types) => {
    const request = sent(SERVER);
    expect(() => judge(types, { ...request, apiVersion: "2020-01-01" })).toThrow("2020-01-01");
    const path = request.path.replace("flexibleServers", "rigidServers");
    expect(() => judge(types, { ...request, path })).toThrow("rigidServers");
  });
});

/** Sets the value at a place (`a.b[0].c`), or removes it. */
function change(body: unknown, place: string, value: unknown): void {
  const names = place.split(/[.[\]]+/).filter((name) => name !== "");
  const last = names.pop() ?? "";
  let parent = body as Record<string, unknown>;
  for (const name of names) parent = (parent[name] ??= {}) as Record<string, unknown>;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}

/** Places of all values that are neither lists nor objects. */
function valuesOf(value: unknown, place = ""): string[] {
  if (typeof value !== "object" || value === null) return place === "" ? [] : [place];
  return Object.entries(value).flatMap(([name, member]) =>
    valuesOf(member, place === "" ? name : `${place}.${name}`),
  );
}

const startingWith = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
