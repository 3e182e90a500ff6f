/** The workflows' scripts with the real Pulumi CLI: what is changed outside Pulumi becomes one issue, until it is changed back. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { FakeGh } from "../../support/fake-gh/fake-gh";
import { testCloud } from "../support/cloud";
import { EngineStack } from "../support/engine-stack";

const MINUTE = 60_000;
// The first one may have to build the CLI.
jest.setTimeout(15 * MINUTE);

const PASSWORD = "Pass-word.of~the_drift";
const SETTINGS = {
  ...{ location: "westeurope", owner: "me", version: "15" },
  ...{ accountName: "drifttest1", serverName: "drift-test" },
};

const cloud = testCloud({ withGroup: false });
let stack: EngineStack;
let folder: string;
let gh: FakeGh;
let group: string;
let server: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "drift-"));
  gh = new FakeGh(folder);
  group = `${cloud.subscription}/resourceGroups/ENGINE-TEST`;
  server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SETTINGS.serverName}`;
  stack = await EngineStack.create(cloud, path.join(__dirname, "program"));
  await stack.setSecret("password", PASSWORD);
  stack.configure(SETTINGS);
  await stack.up();
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const check = (variables: NodeJS.ProcessEnv = {}) =>
  stack.script("scripts/check-drift.ts", ["--issue"], (env) =>
    gh.environment({ ...env, ...variables }),
  );

/** The number of changes and the summary for those who approve them. */
async function previewed(...args: string[]) {
  const files = { GITHUB_OUTPUT: "output", GITHUB_STEP_SUMMARY: "summary" };
  const variables = Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, path.join(folder, file)]),
  );
  for (const file of Object.values(variables)) fs.writeFileSync(file, "");
  await stack.script("scripts/preview-changes.ts", args, (env) => ({ ...env, ...variables }));
  const [output = "", summary = ""] = Object.values(files).map((file) =>
    fs.readFileSync(path.join(folder, file), "utf8"),
  );
  return { output, summary };
}

const setWorkMem = (value: string) =>
  cloud.put(`${server}/configurations/work_mem?api-version=2025-08-01`, {
    properties: { value, source: "user-override" },
  });

test("a stack as it was deployed has no drift, and nothing to approve", async () => {
  expect(await check()).toContain("There is no open issue.");
  expect(await previewed()).toMatchObject({ output: "changes=0\n" });
});

test("a commit that isn't applied yet is to be approved, and is no drift", async () => {
  stack.configure({ ...SETTINGS, owner: "you" });
  const { output, summary } = await previewed();
  expect(output).toBe("changes=4\n");
  expect(summary).toContain("| `azure-native:storage:StorageAccount` | `tags.owner` |");
  expect(await check()).toContain("Not drift, but not yet applied changes");
  expect(gh.content.issues).toEqual([]);
});

test("a parameter and a diagnostic setting changed by others open one issue, without values; the state stays", async () => {
  const state = stack.state();
  await setWorkMem("16384");
  const setting = `${server}/providers/Microsoft.Insights/diagnosticSettings/logs-to-storage`;
  await cloud.request("DELETE", `${setting}?api-version=2021-05-01-preview`);
  await check();
  await check();

  expect(gh.content.issues).toHaveLength(1);
  const [{ body } = { body: "" }] = gh.content.issues;
  expect(body.match(/^\| (create|update) .*$/gm)).toEqual([
    "| create | `logs` | `azure-native:monitor:DiagnosticSetting` |  |",
    "| update | `work-mem` | `azure-native:dbforpostgresql:Configuration` | `value` |",
  ]);
  expect(body).not.toContain("16384");
  expect(body).not.toContain(PASSWORD);
  expect(stack.state()).toBe(state);
});

test("`up` without a refresh doesn't change it back, as the issue says; with one it does, and the issue is closed", async () => {
  await stack.up();
  await check();
  expect(gh.content.issues).toMatchObject([{ state: "open" }]);
  expect((await previewed("--refresh")).output).toBe("changes=2\n");
  await stack.up("--refresh");
  await check();
  expect(gh.content.issues).toMatchObject([{ state: "closed" }]);
});

test("a check that fails says why and leaves the issues as they are", async () => {
  await setWorkMem("16384");
  await check();
  const before = gh.content.issues;
  const wrong = { PULUMI_CONFIG_PASSPHRASE: "wrong" };
  await expect(check(wrong)).rejects.toThrow(
    /check-drift: the preview of test failed: pulumi ended with \d+:[^]*incorrect passphrase/,
  );
  expect(gh.content.issues).toEqual(before);
});
