/**
 * The stand-in of azure-native with the real Pulumi CLI: the output for a stack of Azure resources from its first
 * `pulumi up` to `pulumi destroy`. The tests build on one another.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../../common/poll";
import { PROJECT_ROOT } from "../../../local/paths";
import { TestCloud } from "../support/cloud";
import { EngineStack } from "../support/engine-stack";

const MINUTE = 60_000;
// The first one may have to build the CLI.
jest.setTimeout(15 * MINUTE);

const PASSWORD = "Pass-word.of~the_engine";
const SETTINGS = {
  location: "westeurope",
  owner: "me",
  accountName: "enginetest1",
  serverName: "engine-test",
  version: "15",
};
const IMPORTED = { accountName: "enginetest2", virtualNetworkName: "made-elsewhere" };

let cloud: TestCloud;
let stack: EngineStack;
let group: string;
let account: string;
let server: string;

beforeAll(async () => {
  cloud = await TestCloud.start();
  group = `${cloud.subscription}/resourceGroups/ENGINE-TEST`;
  account = `${group}/providers/Microsoft.Storage/storageAccounts/${SETTINGS.accountName}`;
  server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SETTINGS.serverName}`;
  stack = await EngineStack.create(cloud, path.join(__dirname, "program"));
  await stack.setSecret("password", PASSWORD);
  stack.configure(SETTINGS);
});
afterAll(async () => {
  await cloud.close();
});

const FAULTS = "/local-azure/faults";
const STORAGE = "?api-version=2024-01-01";
const POSTGRESQL = "?api-version=2025-08-01";
const container = () => `${account}/blobServices/default/containers/logs${STORAGE}`;
const setting = () =>
  `${server}/providers/Microsoft.Insights/diagnosticSettings/logs-to-storage?api-version=2021-05-01-preview`;

/** What GET shows of a resource. @throws Error where it isn't there */
async function shown(resource: string): Promise<Record<string, unknown>> {
  const { status, body } = await cloud.request("GET", resource);
  if (status !== 200) throw new Error(`${resource}: ${status} ${JSON.stringify(body)}`);
  return body as Record<string, unknown>;
}

async function isServerReady(): Promise<boolean> {
  const { properties } = await shown(server + POSTGRESQL);
  return (properties as { state?: string }).state === "Ready";
}

async function faultHasStruck(): Promise<boolean> {
  const { body } = await cloud.request("GET", FAULTS);
  return (body as { value: { hits: number }[] }).value.some(({ hits }) => hits > 0);
}

/** `update network`, in order of name. */
const operations = (steps: ReadonlyMap<string, { op: string }>): string[] =>
  [...steps].map(([name, { op }]) => `${op} ${name}`).sort();

/** The property paths that a step changes, and how. */
const changes = (
  step: { detailedDiff: Readonly<Record<string, { kind: string }>> | null } | undefined,
) =>
  Object.fromEntries(Object.entries(step?.detailedDiff ?? {}).map(([at, { kind }]) => [at, kind]));

const ALL = [
  "account",
  "group",
  "logs",
  "logs-container",
  "network",
  "server",
  "subnet",
  "work-mem",
];

test("a preview shows every resource, and outputs are unknown before the creation", async () => {
  const text = await stack.run("preview", "--diff");
  expect(text).toContain("9 to create");
  expect(text).toMatch(/resourceGroupName *: "ENGINE-TEST"/);
  expect(text).toMatch(/serverName *: \[unknown\]/);
  expect(text).toMatch(/administratorLoginPassword *: \[secret\]/);
  // A top-level resource gets a random name, a child resource its name in the program.
  expect(text).toMatch(/virtualNetworkName *: "network[0-9a-f]{8}"/);
  expect(text).toMatch(/subnetName *: "subnet"/);
});

describe("the policy pack", () => {
  const preview = (...options: string[]) =>
    stack.run("preview", "--policy-pack", path.join(PROJECT_ROOT, "policy"), ...options);

  test("stops a preview, and names each rule that is broken", async () => {
    stack.configure({ ...SETTINGS, plainPassword: "Plain-pass.word1" });
    const error = await preview().then(
      () => "",
      ({ message }: Error) => message,
    );
    stack.configure(SETTINGS);
    expect(violations(error)).toEqual([
      "mandatory no-plain-secrets server",
      "mandatory storage-not-public account",
      "mandatory tls-floor account",
      "mandatory trail-is-written server",
      "mandatory trail-names-people server",
    ]);
    expect(error).toContain("allowBlobPublicAccess is not set; set it to false.");
    expect(error).not.toMatch(/can't run policy|Plain-pass/);
  });

  test("obeys the levels and settings of a file", async () => {
    const file = path.join(cloud.paths.root, "policy.json");
    const levels = {
      "storage-not-public": "advisory",
      ...{ "tls-floor": "disabled", "trail-is-written": "disabled" },
      "trail-names-people": "disabled",
      "required-tags": { tags: ["owner", "team"], enforcementLevel: "advisory" },
    };
    fs.writeFileSync(file, JSON.stringify(levels));
    expect(violations(await preview("--policy-pack-config", file))).toEqual([
      ...["account", "group", "network", "server"].map((name) => `advisory required-tags ${name}`),
      "advisory storage-not-public account",
    ]);
  });
});

/** What the engine prints of violations: `mandatory tls-floor account`. */
const violations = (text: string): string[] =>
  [...text.matchAll(/\[(\w+)\] +(\S+) +\(\S+: (\S+)\)/g)]
    .map(([, level, rule, name]) => `${level} ${rule} ${name}`)
    .sort();

test("an interrupted `up` ends cleanly, and the next one continues", async () => {
  const slow = {
    ...{ method: "PUT", type: "Microsoft.DBforPostgreSQL/flexibleServers", poll: true },
    effect: { kind: "delay", seconds: 600 },
  };
  expect(await cloud.request("POST", FAULTS, [slow])).toMatchObject({ status: 201 });
  const up = stack.start(["up", "--yes", "--skip-preview"]);
  await pollUntil(faultHasStruck, { what: "the server to be made", timeoutSeconds: 120 });
  up.kill("SIGINT");
  expect((await up).exitCode).not.toBe(0);
  await cloud.request("DELETE", FAULTS);
  // The cloud goes on with what it has accepted, and refuses changes of the server meanwhile.
  await pollUntil(isServerReady, { what: "the server to be ready", timeoutSeconds: 120 });

  await stack.up();
  expect(await shown(account + STORAGE)).toMatchObject({ tags: { owner: "me" } });
  expect(await shown(setting())).toBeDefined();
});

test("a second `up` changes nothing", async () => {
  expect(await stack.up("--expect-no-changes")).toContain("9 unchanged");
});

test("the state contains no secret", () => {
  const state = stack.state();
  expect(state).toContain(SETTINGS.serverName);
  for (const secret of [PASSWORD, ...cloud.parts.storage.accountKeys(SETTINGS.accountName)]) {
    expect(state).not.toContain(secret);
  }
});

describe("a change of the program", () => {
  test("of a tag and a version are updates in place of only the changed properties", async () => {
    stack.configure({ ...SETTINGS, owner: "you", version: "16" });
    const steps = await stack.preview();
    expect(operations(steps)).toEqual([
      ...["update account", "update group", "update network", "update server"],
    ]);
    expect(changes(steps.get("account"))).toEqual({ "tags.owner": "update" });
    expect(changes(steps.get("server"))).toEqual({ "tags.owner": "update", version: "update" });
    const text = await stack.run("preview", "--diff");
    expect(text).toContain('~ owner: "me" => "you"');
    expect(text).toContain('~ version: "15" => "16"');
    expect(text).not.toMatch(/provisioningState|systemData|etag/);
  });

  test("of the location replaces the group and everything in it", async () => {
    stack.configure({ ...SETTINGS, location: "northeurope" });
    const steps = await stack.preview();
    expect(operations(steps)).toEqual(ALL.map((name) => `replace ${name}`));
    expect(changes(steps.get("group"))).toEqual({ location: "update-replace" });
  });

  test("of a tag reaches Azure", async () => {
    stack.configure({ ...SETTINGS, owner: "you" });
    expect(await stack.up()).toContain("4 updated");
    expect(await shown(account + STORAGE)).toMatchObject({ tags: { owner: "you" } });
  });
});

test("a refresh finds deletions and changes outside Pulumi, and `up` reverts them", async () => {
  for (const gone of [container(), setting()]) await cloud.request("DELETE", gone);
  const parameter = `${server}/configurations/work_mem${POSTGRESQL}`;
  await cloud.put(parameter, { properties: { value: "16384", source: "user-override" } });
  await cloud.finish(
    await cloud.request("PATCH", account + STORAGE, { tags: { owner: "someone else" } }),
  );

  const refreshed = await stack.run("refresh", "--yes", "--skip-preview");
  expect(refreshed).toMatch(/2 deleted[^]*2 updated|2 updated[^]*2 deleted/);
  const steps = await stack.preview();
  expect(operations(steps)).toEqual([
    ...["create logs", "create logs-container", "update account", "update work-mem"],
  ]);
  expect(changes(steps.get("account"))).toEqual({ "tags.owner": "update" });
  expect(changes(steps.get("work-mem"))).toEqual({ value: "update" });

  await stack.up();
  expect(await shown(container())).toBeDefined();
  expect(await shown(setting())).toBeDefined();
  expect(await shown(account + STORAGE)).toMatchObject({ tags: { owner: "you" } });
  expect(await shown(parameter)).toMatchObject({ properties: { value: "8192" } });
});

test("an existing resource isn't created, and is imported without a difference", async () => {
  const other = `${group}/providers/Microsoft.Storage/storageAccounts/${IMPORTED.accountName}`;
  const network = `${group}/providers/Microsoft.Network/virtualNetworks/${IMPORTED.virtualNetworkName}`;
  const location = "westeurope";
  await cloud.put(other + STORAGE, { location, kind: "StorageV2", sku: { name: "Standard_LRS" } });
  const properties = { addressSpace: { addressPrefixes: ["10.1.0.0/16"] } };
  await cloud.put(`${network}?api-version=2024-05-01`, { location, properties });

  stack.configure({ ...SETTINGS, owner: "you", imported: IMPORTED });
  await expect(stack.up()).rejects.toThrow(`cannot create already existing resource '${other}'`);
  await stack.import("azure-native:storage:StorageAccount", "imported-account", other);
  await stack.import("azure-native:network:VirtualNetwork", "imported-network", network);
  expect(operations(await stack.preview())).toEqual([]);
});

test("`destroy` removes everything", async () => {
  await stack.run("destroy", "--yes", "--skip-preview");
  expect(cloud.parts.store.all()).toEqual([]);
  expect(stack.state()).not.toContain("azure-native:");
});
