/** The output of `pulumi up` and `pulumi destroy` when Azure fails. Each test continues with the state of the one before. */
import * as path from "node:path";
import { testCloud } from "../support/cloud";
import { EngineStack } from "../support/engine-stack";

const MINUTE = 60_000;
// The first test may have to build the CLI.
jest.setTimeout(15 * MINUTE);

const ROUTE = "/local-azure/faults";
const NETWORK = { method: "PUT", type: "Microsoft.Network/virtualNetworks" };
const ACCOUNT = { method: "PUT", type: "Microsoft.Storage/storageAccounts" };
const GROUP = { method: "DELETE", type: "Microsoft.Resources/resourceGroups" };

const cloud = testCloud({ withGroup: false });
let stack: EngineStack;
beforeAll(async () => {
  stack = await EngineStack.create(cloud, path.join(__dirname, "program"));
});

/** Runs the CLI with these faults armed; each of them must be applied. */
async function withFaults(faults: object[], run: () => Promise<string>): Promise<string> {
  const { status, body } = await cloud.request("POST", ROUTE, faults);
  if (status !== 201) throw new Error(JSON.stringify(body));
  const output = await run().catch(({ message }: Error) => message);
  const armed = (await cloud.request("GET", ROUTE)).body as { value: { hits: number }[] };
  expect(armed.value.map(({ hits }) => hits > 0)).toEqual(faults.map(() => true));
  await cloud.request("DELETE", ROUTE);
  return output;
}

test("`up` reports what Azure refused and which operation failed", async () => {
  const busy = { status: 409, code: "AnotherOperationInProgress", message: "Try again later." };
  const failed = { code: "AllocationFailed", message: "There is no capacity.", workDone: true };
  const output = await withFaults(
    [
      { ...NETWORK, effect: { kind: "answer", ...busy } },
      { ...ACCOUNT, effect: { kind: "failOperation", ...failed } },
      { ...ACCOUNT, poll: true, effect: { kind: "answer", status: 503 } },
    ],
    () => stack.up(),
  );
  expect(output).toContain('Code="AnotherOperationInProgress" Message="Try again later."');
  expect(output).toContain('Code="AllocationFailed" Message="There is no capacity."');
  expect(output).toMatch(/ended with (?!0)\d+/);
});

test("the next `up` creates what is missing and completes what is incomplete, despite temporary faults", async () => {
  const output = await withFaults(
    [
      { ...NETWORK, effect: { kind: "drop", workDone: true } },
      { ...ACCOUNT, effect: { kind: "answer", status: 429, retryAfterSeconds: 1 } },
    ],
    () => stack.up(),
  );
  expect(output).toMatch(/Resources:\n\s+\+ 1 created\n\s+~ 1 updated/);
  expect([...(await stack.preview()).keys()]).toEqual([]);
});

test("`destroy` retries after a failed response and leaves nothing", async () => {
  const output = await withFaults([{ ...GROUP, effect: { kind: "answer", status: 500 } }], () =>
    stack.run("destroy", "--yes", "--skip-preview"),
  );
  expect(output).toContain("4 deleted");
  const group = `${cloud.subscription}/resourceGroups/FAULTS?api-version=2024-03-01`;
  expect((await cloud.request("GET", group)).status).toBe(404);
});
