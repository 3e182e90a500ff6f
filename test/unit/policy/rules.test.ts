/** Each rule of the policy pack, on the program's own resources and on broken copies of them. */
import { unknownValue } from "@pulumi/pulumi/runtime";
import {
  type CheckedResource,
  checkedResource,
  type PackConfig,
  PolicyPackProcess,
  secret,
} from "../support/policy-pack";
import { runProgram } from "../support/program";
import { SECRETS } from "../support/recorder";

type Values = Record<string, unknown>;

let pack: PolicyPackProcess;
let stack: CheckedResource[];

beforeAll(async () => {
  pack = await PolicyPackProcess.start();
  const { recorder } = await runProgram();
  stack = recorder.resources.map(checkedResource);
});
beforeEach(() => pack.configure({}));
afterAll(() => pack.close());

/** The stack with other inputs of one resource; undefined removes the resource. */
const withInputs = (name: string, changes: Values | undefined): CheckedResource[] =>
  stack.flatMap((resource) => {
    if (resource.name !== name) return [resource];
    return changes ? [{ ...resource, inputs: { ...resource.inputs, ...changes } }] : [];
  });

const sshRule = (changes: Values) => ({
  securityRules: [
    {
      ...{ name: "ssh", priority: 100, direction: "Inbound", access: "Allow", protocol: "Tcp" },
      ...{ sourcePortRange: "*", destinationAddressPrefix: "*", destinationPortRange: "22" },
      ...changes,
    },
  ],
});
const image = (imageReference: Values) => ({ storageProfile: { imageReference } });

interface Case {
  readonly rule: string;
  readonly resource: string;
  readonly changes: Values | undefined;
  /** Part of the message. */
  readonly message: string;
  readonly config?: PackConfig;
}

const BROKEN: readonly Case[] = [
  ...[true, undefined].map((allowBlobPublicAccess) => ({
    rule: "storage-not-public",
    resource: "storage",
    changes: { allowBlobPublicAccess: allowBlobPublicAccess ?? null },
    message: "set it to false",
  })),
  {
    rule: "storage-not-public",
    resource: "storage-container",
    changes: { publicAccess: "Blob" },
    message: 'publicAccess is "Blob"',
  },
  {
    rule: "storage-network-closed",
    resource: "storage",
    changes: { networkRuleSet: { defaultAction: "Allow" } },
    message: 'defaultAction is "Allow"',
    config: { "storage-network-closed": {} },
  },
  {
    rule: "tls-floor",
    resource: "storage",
    changes: { minimumTlsVersion: "TLS1_1" },
    message: 'minimumTlsVersion is "TLS1_1"',
  },
  {
    rule: "tls-floor",
    resource: "storage",
    changes: { enableHttpsTrafficOnly: false },
    message: "enableHttpsTrafficOnly is false",
  },
  ...["*", "Internet", "0.0.0.0/0", "::/0", "64.0.0.0/2", "AzureCloud"].map((source) => ({
    rule: "ssh-not-from-everywhere",
    resource: "network-nsg",
    changes: sshRule({ sourceAddressPrefix: source }),
    message: `opens port 22 to ${source}`,
  })),
  ...["*", "20-25", "22"].map((range) => ({
    rule: "ssh-not-from-everywhere",
    resource: "network-nsg",
    changes: sshRule({
      destinationPortRange: "443",
      destinationPortRanges: [range],
      sourceAddressPrefixes: ["203.0.113.7/32", "0.0.0.0/1"],
    }),
    message: "opens port 22 to 0.0.0.0/1",
  })),
  {
    rule: "trail-is-delivered",
    resource: "postgres-diagnostic-setting",
    changes: undefined,
    message: "its log is lost",
  },
  {
    rule: "trail-is-delivered",
    resource: "postgres-diagnostic-setting",
    changes: { logs: [{ category: "PostgreSQLLogs", enabled: false }] },
    message: "its log is lost",
  },
  {
    rule: "trail-is-written",
    resource: "postgres-shared-preload-libraries",
    changes: { value: "pg_stat_statements" },
    message: "without pgaudit",
  },
  ...["NONE", "", "none, -misc"].map((value) => ({
    rule: "trail-is-written",
    resource: "postgres-pgaudit-log",
    changes: { value },
    message: "nothing is audited",
  })),
  {
    rule: "trail-is-written",
    resource: "postgres-pgaudit-log",
    changes: undefined,
    message: "doesn't set pgaudit.log,",
  },
  {
    rule: "trail-names-people",
    resource: "postgres-log-line-prefix",
    changes: { value: "%m [%p] %%u " },
    message: "without the user (%u) and the client (%h or %r)",
  },
  {
    rule: "trail-names-people",
    resource: "postgres-log-line-prefix",
    changes: { value: "%t %u " },
    message: "without the client",
  },
  {
    rule: "trail-names-people",
    resource: "postgres-log-line-prefix",
    changes: undefined,
    message: "doesn't set log_line_prefix,",
  },
  {
    rule: "no-plain-secrets",
    resource: "postgres",
    changes: { administratorLoginPassword: SECRETS.password },
    message: "administratorLoginPassword is in plain",
  },
  ...[
    ["a private key", SECRETS.privateKey],
    ["an account key", `AccountName=a;AccountKey=${SECRETS.accountKey}`],
    [
      "a shared access signature",
      "https://a.blob.core.windows.net/c?sp=r&sig=c2lnbmF0dXJlIG9mIGE%3D",
    ],
    ["a password", "psql postgresql://pgadmin:word@server/db"],
  ].map(([what, text]) => ({
    rule: "no-plain-secrets",
    resource: "audit-extension",
    changes: { create: `echo '${text}'` },
    message: `create contains ${what} in plain`,
  })),
  {
    rule: "no-plain-secrets",
    resource: "vm",
    changes: {
      osProfile: {
        customData: Buffer.from(`${SECRETS.privateKey}${"# ".repeat(100)}`).toString("base64"),
      },
    },
    message: "osProfile.customData contains a private key in plain",
  },
  {
    rule: "required-tags",
    resource: "postgres",
    changes: { tags: { owner: "me", costCentre: "" } },
    message: "Missing tags: costCentre;",
    config: { "required-tags": { tags: ["owner", "costCentre"] } },
  },
  {
    rule: "allowed-regions",
    resource: "postgres",
    changes: { location: "East US" },
    message: 'The location is "East US"; allowed are westeurope, northeurope',
    config: { "allowed-regions": { regions: ["westeurope", "northeurope"] } },
  },
  ...[
    image({ publisher: "Canonical", offer: "ubuntu-24_04-lts" }),
    image({ id: "/subscriptions/s/i" }),
  ].map((changes) => ({
    rule: "allowed-images",
    resource: "vm",
    changes,
    message: "allowed are RedHat:RHEL",
  })),
];

test("the program's stack breaks no rule, and each rule can be checked", async () => {
  expect(await pack.check(stack)).toEqual([]);
});

test.each(BROKEN)("$rule stops $resource with $changes", async (broken) => {
  const { rule, resource, changes, message, config = {} } = broken;
  await pack.configure(config);
  const found = await pack.check(withInputs(resource, changes));
  // A resource that is gone is missed at its server.
  const place = changes ? `(${resource}|postgres)` : "postgres";
  const ofRule = found.filter((line) => new RegExp(`^${rule} on ${place}: `).test(line));
  expect(ofRule.filter((line) => line.includes(message))).toHaveLength(1);
});

test.each<[string, Values, PackConfig]>([
  ["network-nsg", sshRule({ access: "Deny", sourceAddressPrefix: "*" }), {}],
  ["network-nsg", sshRule({ destinationPortRange: "443", sourceAddressPrefix: "*" }), {}],
  ["network-nsg", sshRule({ protocol: "Udp", sourceAddressPrefix: "*" }), {}],
  ["network-nsg", sshRule({ sourceAddressPrefix: "VirtualNetwork" }), {}],
  ["postgres-diagnostic-setting", { logs: [{ categoryGroup: "audit", enabled: true }] }, {}],
  ["postgres-log-line-prefix", { value: "%-10u %r " }, {}],
  ["storage", { networkRuleSet: { defaultAction: "Deny" } }, { "storage-network-closed": {} }],
  ["postgres", { location: "West Europe" }, { "allowed-regions": { regions: ["westeurope"] } }],
  ["vm", image({ publisher: "redhat", offer: "rhel" }), {}],
  [
    "vm",
    image({ publisher: "Canonical", offer: "u" }),
    { "allowed-images": { images: ["Canonical:u"] } },
  ],
  [
    "storage",
    { allowBlobPublicAccess: true },
    { "storage-not-public": { enforcementLevel: "disabled" } },
  ],
])("no rule stops %s with %j", async (resource, changes, config) => {
  await pack.configure(config);
  expect(await pack.check(withInputs(resource, changes))).toEqual([]);
});

test("object auditing alone is enough for trail-is-written", async () => {
  const log = stack.find(({ name }) => name === "postgres-pgaudit-log");
  if (!log) throw new Error("the program sets pgaudit.log");
  const inputs = { ...log.inputs, configurationName: "pgaudit.role", value: "auditor" };
  const role = { ...log, name: "postgres-pgaudit-role", inputs };
  const found = await pack.check([...withInputs(log.name, { value: "NONE" }), role]);
  expect(found).toEqual([]);
});

describe.each([
  ["require_secure_transport", "off", "on"],
  ["ssl_min_protocol_version", "TLSv1.1", "TLSv1.3"],
])("the server parameter %s", (configurationName, weak, strong) => {
  const withValue = (value: string) => {
    const log = stack.find(({ name }) => name === "postgres-pgaudit-log");
    if (!log) throw new Error("the program sets pgaudit.log");
    const inputs = { ...log.inputs, configurationName, value };
    return [...stack, { ...log, name: "postgres-tls", inputs }];
  };

  test(`is stopped by tls-floor as ${weak}`, async () => {
    const message = `${configurationName} is "${weak}", which weakens TLS`;
    expect(await pack.check(withValue(weak))).toEqual([
      expect.stringContaining(`tls-floor on postgres-tls: ${message}`),
    ]);
  });

  test(`may be ${strong}`, async () => {
    expect(await pack.check(withValue(strong))).toEqual([]);
  });
});

describe("in a preview", () => {
  test("an unknown value is neither a violation nor passed in silence", async () => {
    const unknown = sshRule({ sourceAddressPrefixes: [unknownValue] });
    expect(await pack.check(withInputs("network-nsg", unknown))).toEqual([
      expect.stringMatching(/^advice: ssh-not-from-everywhere on network-nsg: can't run policy/),
    ]);
  });

  test("an unknown part of the trail is reported", async () => {
    expect(
      await pack.check(withInputs("postgres-log-line-prefix", { value: unknownValue })),
    ).toEqual([expect.stringMatching(/^advice: trail-names-people on .*can't run policy/)]);
  });

  test("the names and ids of a new server are unknown, and its parts are still found", async () => {
    const unknown = stack.map((resource) => {
      const inputs = { ...resource.inputs };
      for (const input of ["serverName", "resourceUri", "administratorLoginPassword"]) {
        if (input in inputs) inputs[input] = unknownValue;
      }
      return { ...resource, inputs };
    });
    expect(await pack.check(unknown)).toEqual([]);
    const without = unknown.filter(({ name }) => name !== "postgres-diagnostic-setting");
    expect(await pack.check(without)).toEqual([
      expect.stringMatching(/^trail-is-delivered on postgres: /),
    ]);
  });
});

test("of a server that exists already, what the stack declares is checked", async () => {
  const existing = stack
    .filter(({ name }) => name !== "postgres")
    .map((resource) => ({ ...resource, inputDependencies: {} }));
  expect(await pack.check(existing)).toEqual([]);
  const broken = existing.flatMap((resource) => {
    if (resource.name === "postgres-pgaudit-log") return [];
    if (resource.name !== "postgres-log-line-prefix") return [resource];
    return [{ ...resource, inputs: { ...resource.inputs, value: "%t " } }];
  });
  expect(await pack.check(broken)).toEqual([
    expect.stringMatching(/^trail-names-people on postgres-/),
  ]);
});

test("a secret that is marked breaks no rule", async () => {
  const changes = { administratorLoginPassword: secret(SECRETS.password) };
  expect(await pack.check(withInputs("postgres", changes))).toEqual([]);
});

test("no-plain-secrets says so where its level takes its means away", async () => {
  await pack.close();
  pack = await PolicyPackProcess.start();
  await pack.configure({ "no-plain-secrets": { enforcementLevel: "mandatory" } });
  const found = await pack.check(stack.slice(0, 1));
  expect(found).toEqual([expect.stringContaining('needs the enforcementLevel "remediate"')]);
});
