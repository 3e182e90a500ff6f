/** The place of a trail with the real Pulumi CLI: no update deletes the account with the logs unless it may. */
import * as path from "node:path";
import { testCloud } from "../support/cloud";
import { EngineStack } from "../support/engine-stack";

const MINUTE = 60_000;
// The first one may have to build the CLI.
jest.setTimeout(15 * MINUTE);

const SETTINGS = { location: "westeurope", resourceGroupName: "TRAIL-PLACE", owner: "me" };

const cloud = testCloud({ withGroup: false });
let stack: EngineStack;
/** When Azure created the account: another account has another time. */
let created: unknown;

async function account(group: string): Promise<unknown> {
  const id = `${cloud.subscription}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/trailplace1`;
  const { status, body } = await cloud.request("GET", `${id}?api-version=2024-01-01`);
  return status === 200
    ? (body as { properties: { creationTime: string } }).properties.creationTime
    : status;
}

beforeAll(async () => {
  stack = await EngineStack.create(cloud, path.join(__dirname, "trail-place"));
  stack.configure(SETTINGS);
  await stack.up();
  created = await account("TRAIL-PLACE");
});

describe.each([
  [
    { location: "northeurope" },
    /the storage account trailplace1 in TRAIL-PLACE, with all audit logs in it: it changes location from westeurope to northeurope\./,
  ],
  [
    { resourceGroupName: "elsewhere" },
    /it changes resourceGroupName from TRAIL-PLACE to elsewhere\..* retention\.allowReplacement true/,
  ],
])("with %j", (change, message) => {
  test.each([
    ["a preview", ["preview"]],
    ["an update with its preview", ["up", "--yes"]],
    ["an update without one, as ./lab up's,", ["up", "--yes", "--skip-preview", "--refresh"]],
  ])("%s is refused, and the account stays", async (_, words) => {
    stack.configure({ ...SETTINGS, ...change });
    await expect(stack.run(...words)).rejects.toThrow(message);
    expect(await account("TRAIL-PLACE")).toBe(created);
  });
});

test("after a refusal, other changes of the stack are as before", async () => {
  stack.configure({ ...SETTINGS, owner: "you" });
  expect(await stack.up()).toContain("1 updated");
  expect(await account("TRAIL-PLACE")).toBe(created);
});

test("with permission the account is replaced, and the new one is kept again", async () => {
  const moved = { ...SETTINGS, location: "northeurope" };
  stack.configure({ ...moved, allowReplacement: true });
  await stack.up();
  expect(await account("TRAIL-PLACE")).not.toBe(created);
  stack.configure(moved);
  expect(await stack.up()).toContain("unchanged");
  stack.configure(SETTINGS);
  await expect(stack.up()).rejects.toThrow(/location from northeurope to westeurope/);
});

test("`destroy` needs no permission", async () => {
  await stack.run("destroy", "--yes", "--skip-preview");
  expect(await account("TRAIL-PLACE")).toBe(404);
});
