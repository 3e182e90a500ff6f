import { testCloud } from "../support/cloud";
import {
  GROUP,
  createServer,
  SERVER,
  setParameter,
  startServerScript,
} from "../support/flexible-server";
import { ProviderProcess } from "../support/provider-process";

const NETWORKS = "Microsoft.Network/virtualNetworks";
const SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers";
const ROUTE = "/local-azure/faults";

const cloud = testCloud();
beforeEach(() => cloud.request("DELETE", ROUTE));

const arm = async (...faults: object[]) => {
  const { status, body } = await cloud.request("POST", ROUTE, faults);
  if (status !== 201) throw new Error(JSON.stringify(body));
};
/** How often each armed fault was applied. */
const hits = async () => {
  const { body } = await cloud.request("GET", ROUTE);
  return (body as { value: { hits: number }[] }).value.map((fault) => fault.hits);
};

describe("the azure-native stand-in", () => {
  let provider: ProviderProcess;
  beforeAll(async () => {
    provider = await ProviderProcess.start(cloud);
  });
  afterAll(() => provider.close());

  const network = (name: string) =>
    provider.create("azure-native:network:VirtualNetwork", {
      resourceGroupName: GROUP,
      virtualNetworkName: name,
      location: "westeurope",
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
    });
  const idOf = (name: string) => `${cloud.group}/providers/${NETWORKS}/${name}`;
  const PUT = { method: "PUT", type: NETWORKS };

  test.each<[string, object]>([
    ["429", { kind: "answer", status: 429, retryAfterSeconds: 1 }],
    ["500", { kind: "answer", status: 500 }],
    ["500-done", { kind: "answer", status: 500, workDone: true }],
    ["drop", { kind: "drop" }],
    ["drop-done", { kind: "drop", workDone: true }],
    ["delay", { kind: "delay", seconds: 1 }],
  ])("retries after %s", async (name, effect) => {
    await arm({ ...PUT, effect });
    expect(await network(name)).toBe(idOf(name));
    expect(await hits()).toEqual([1]);
  });

  test("retries a failed poll of an operation", async () => {
    await arm({ ...PUT, poll: true, effect: { kind: "answer", status: 503 } });
    expect(await network("poll")).toBe(idOf("poll"));
  });

  test.each<[string, object, RegExp]>([
    [
      "conflict",
      { kind: "answer", status: 409, code: "AnotherOperationInProgress", message: "Try later." },
      /Status=409 Code="AnotherOperationInProgress" Message="Try later\."/,
    ],
    [
      "failed",
      { kind: "failOperation", code: "AllocationFailed", message: "No capacity." },
      /Code="AllocationFailed" Message="No capacity\."/,
    ],
    [
      "throttled",
      { kind: "answer", status: 429, retryAfterSeconds: 600 },
      /Status=429 Code="TooManyRequests"/,
    ],
  ])(
    "reports the error '%s', and the next run creates the resource",
    async (name, effect, message) => {
      await arm({ ...PUT, effect });
      await expect(network(name)).rejects.toThrow(message);
      expect(await hits()).toEqual([1]);
      expect(await network(name)).toBe(idOf(name));
    },
  );

  test("gives up after four attempts, and the next run creates the resource", async () => {
    await arm({ ...PUT, times: 4, effect: { kind: "drop" } });
    await expect(network("gone")).rejects.toThrow(/no answer after 4 attempts/);
    expect(await network("gone")).toBe(idOf("gone"));
  });
});

describe("the scripts", () => {
  beforeAll(async () => {
    await createServer(cloud);
  }, 60_000);

  const run = async (script: string) => {
    const { exitCode, stdout, stderr } = await startServerScript(cloud, script, { reject: false });
    return { exitCode, stdout, stderr };
  };
  const pending = () => setParameter(cloud, "max_connections", "60");
  const restart = { method: "POST", type: SERVERS, action: "restart", name: SERVER };

  test("restart-if-pending retries after throttling, a failed response and a dropped connection", async () => {
    await pending();
    await arm(
      {
        method: "GET",
        type: SERVERS,
        effect: { kind: "answer", status: 429, retryAfterSeconds: 1 },
      },
      { method: "GET", type: `${SERVERS}/configurations`, effect: { kind: "drop" } },
      { ...restart, effect: { kind: "answer", status: 500 } },
      { ...restart, poll: true, effect: { kind: "answer", status: 503 } },
    );
    expect(await run("restart-if-pending")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/max_connections.*\n.*nothing is pending/) as unknown,
    });
    expect(await hits()).toEqual([1, 1, 1, 1]);
  }, 60_000);

  test("restart-if-pending reports why Azure refuses, and its next run restarts the server", async () => {
    await setParameter(cloud, "max_connections", "70");
    await arm({
      ...restart,
      effect: { kind: "answer", status: 409, code: "ServerIsNotReady", message: "Not now." },
    });
    expect(await run("restart-if-pending")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^restart-if-pending: .*Not now\./) as unknown,
    });
    expect(await run("restart-if-pending")).toMatchObject({ exitCode: 0 });
    expect((await run("restart-if-pending")).stdout).toMatch(/No parameter is pending a restart/);
  }, 60_000);

  test("wait-until-writable waits while the server is busy", async () => {
    await arm({
      method: "PUT",
      type: `${SERVERS}/configurations`,
      times: 2,
      effect: { kind: "answer", status: 409, code: "ServerIsBusy" },
    });
    expect(await run("wait-until-writable")).toMatchObject({ exitCode: 0 });
    expect(await hits()).toEqual([2]);
  }, 60_000);
});
