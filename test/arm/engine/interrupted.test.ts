/**
 * What `./lab settle` does for a stack whose engine or provider was killed, or whose response was lost: the next `pulumi up`
 * or `destroy` continues. The tests build on one another.
 */
import * as path from "node:path";
import { pollUntil } from "../../../common/poll";
import { TestCloud } from "../support/cloud";
import { EngineStack } from "../support/engine-stack";

const MINUTE = 60_000;
// The first one may have to build the CLI.
jest.setTimeout(15 * MINUTE);

const SETTINGS = {
  location: "westeurope",
  owner: "me",
  accountName: "interrupted1",
  serverName: "interrupted",
  version: "15",
};
const FAULTS = "/local-azure/faults";
const SERVER = { method: "PUT", type: "Microsoft.DBforPostgreSQL/flexibleServers" };
const SLOW = { ...SERVER, poll: true, effect: { kind: "delay", seconds: 600 } };
const ALREADY = "cannot create already existing resource";
/** The response of every attempt is lost; the provider tries four times. */
const lost = (type: string) => ({
  ...{ method: "PUT", type, times: 4 },
  effect: { kind: "drop", workDone: true },
});

let cloud: TestCloud;
let stack: EngineStack;

beforeAll(async () => {
  cloud = await TestCloud.start();
  stack = await EngineStack.create(cloud, path.join(__dirname, "program"));
  await stack.setSecret("password", "Pass-word.of~the_engine");
  stack.configure(SETTINGS);
});
afterAll(async () => {
  await cloud.close();
});

const arm = async (...faults: object[]): Promise<void> => {
  expect(await cloud.request("POST", FAULTS, faults)).toMatchObject({ status: 201 });
};
const disarm = () => cloud.request("DELETE", FAULTS);

async function faultHasStruck(): Promise<boolean> {
  const { body } = await cloud.request("GET", FAULTS);
  return (body as { value: { hits: number }[] }).value.some(({ hits }) => hits > 0);
}

/** Starts an update, and kills the processes with the text while the server is created; returns the update's output. */
async function killWhileCreatingServer(text: string): Promise<string> {
  await arm(SLOW);
  const up = stack.start(["up", "--yes", "--skip-preview"]);
  await pollUntil(faultHasStruck, { what: "the server to be created", timeoutSeconds: 120 });
  expect(stack.kill(text)).toBeGreaterThan(0);
  const { exitCode, all } = await up;
  expect(exitCode).not.toBe(0);
  await disarm();
  return all ?? "";
}

const names = (type: string): string[] => cloud.parts.store.ofType(type).map(({ name }) => name);
const destroy = () => stack.run("destroy", "--yes", "--skip-preview");

async function converges(): Promise<void> {
  await stack.up();
  expect(await stack.up("--expect-no-changes")).toContain("9 unchanged");
}

test("a resource whose creation the killed engine had recorded is found, and the next `up` completes it", async () => {
  await killWhileCreatingServer("pulumi up");
  await stack.run("cancel", "--yes");
  const output = await stack.settle();
  expect(output).toContain("Found server, whose creation was interrupted");
  expect(stack.state()).not.toContain("Pass-word");
  // Sent again as it was: with the password, which Azure doesn't return.
  expect([...(await stack.preview())].map(([name, { op }]) => [name, op])).toContainEqual([
    ...["server", "update"],
  ]);
  await converges();
});

test("`destroy` in that state leaves nothing", async () => {
  await destroy();
  cloud.passDays();
  await killWhileCreatingServer("pulumi up");
  await stack.run("cancel", "--yes");
  await stack.settle();
  await destroy();
  expect(cloud.parts.store.all()).toEqual([]);
  expect(stack.state()).not.toContain("azure-native:");
});

test("a resource without any record, since its provider was killed, is found by the plan", async () => {
  cloud.passDays();
  await killWhileCreatingServer("provider-azure-native");
  await expect(stack.up()).rejects.toThrow(ALREADY);
  expect(await stack.settle()).toContain("Found server, whose creation was interrupted");
  await converges();
});

test("a resource with a random name whose response was lost isn't created a second time", async () => {
  await destroy();
  cloud.passDays();
  await arm(lost("Microsoft.Network/virtualNetworks"));
  await expect(stack.up()).rejects.toThrow("no answer after 4 attempts");
  await disarm();
  const before = names("Microsoft.Network/virtualNetworks");
  expect(before).toHaveLength(1);
  expect(await stack.settle()).toContain(`/virtualNetworks/${before[0]}`);
  await converges();
  expect(names("Microsoft.Network/virtualNetworks")).toEqual(before);
});

test("`destroy` removes a diagnostic setting whose response was lost, which would outlive its server", async () => {
  await destroy();
  cloud.passDays();
  await arm(lost("Microsoft.Insights/diagnosticSettings"));
  await expect(stack.up()).rejects.toThrow("no answer after 4 attempts");
  await disarm();
  await stack.settle();
  await destroy();
  expect(cloud.parts.store.all()).toEqual([]);
});

test("a resource that was deleted without a record is created again", async () => {
  cloud.passDays();
  await stack.up();
  await arm({
    method: "DELETE",
    type: "Microsoft.Storage/storageAccounts/blobServices/containers",
    times: 4,
    effect: { kind: "drop", workDone: true },
  });
  await expect(destroy()).rejects.toThrow("no answer after 4 attempts");
  await disarm();
  await stack.settle();
  await converges();
});

test("a resource group of somebody else isn't adopted, and the message says what to do", async () => {
  await destroy();
  cloud.passDays();
  const group = `${cloud.subscription}/resourceGroups/ENGINE-TEST`;
  const body = { location: "westeurope", tags: { owner: "me" } };
  await cloud.put(`${group}?api-version=2024-03-01`, body);
  await expect(stack.up()).rejects.toThrow(ALREADY);
  expect(await stack.settle()).toContain(
    `pulumi import azure-native:resources:ResourceGroup group '${group}'`,
  );
  await destroy();
  expect(names("Microsoft.Resources/resourceGroups")).toEqual(["ENGINE-TEST"]);
});
