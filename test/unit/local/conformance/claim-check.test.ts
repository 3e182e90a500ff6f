import { type Place } from "../../../../local/conformance/claim";
import { ClaimCheck } from "../../../../local/conformance/claim-check";
import { type Answer, ResourceManager } from "../../../../local/conformance/resource-manager";

const SUBSCRIPTION = "/subscriptions/s";
const PLACE: Place = {
  subscription: SUBSCRIPTION,
  group: `${SUBSCRIPTION}/resourceGroups/conformance`,
  location: "westeurope",
  otherLocation: "northeurope",
  unique: "a1b2c3d4",
  password: "hush",
};

const answer = (status: number, body?: unknown, headers: Answer["headers"] = {}): Answer => ({
  status,
  body,
  headers: { "retry-after": "0", ...headers },
});
const refusal = (status: number, code: string) =>
  answer(status, { error: { code, message: "No." } });

/** A Resource Manager that gives these answers, one after the other. */
function manager(...answers: Answer[]): ResourceManager {
  return new ResourceManager(async () => answers.shift() ?? answer(500));
}

const PUT = { method: "PUT", url: "/x" } as const;

describe("an outcome", () => {
  test("waits while the resource is busy", async () => {
    const busy = refusal(409, "ServerIsBusy");
    expect(await manager(busy, busy, answer(201)).run(PUT)).toMatchObject({ status: 201 });
  });

  test("doesn't wait for a busy answer that is expected", async () => {
    const outcome = await manager(refusal(409, "ServerIsBusy")).run(PUT, "ServerIsBusy");
    expect(outcome).toMatchObject({ status: 409, code: "ServerIsBusy", message: "No." });
  });

  test("is the end of an operation, by either header", async () => {
    const running = { "azure-asyncoperation": "/operation" };
    const failed = { status: "Failed", error: { code: "Late", message: "No." } };
    const polled = manager(
      answer(201, {}, running),
      answer(200, { status: "Running" }),
      answer(200, failed),
    );
    expect(await polled.run(PUT)).toMatchObject({ status: 201, ended: "Failed", code: "Late" });
    const located = { location: "/operation" };
    const moved = manager(
      answer(202, undefined, located),
      answer(202, undefined, located),
      answer(200),
    );
    expect(await moved.run(PUT)).toMatchObject({ status: 202, ended: "Succeeded" });
  });

  test("has the code of an error that isn't wrapped", async () => {
    const bare = answer(409, { code: "Conflict", message: "Twice." });
    expect(await manager(bare).run(PUT)).toMatchObject({ code: "Conflict", message: "Twice." });
  });
});

/** A check on a cloud that has the providers, and answers all else as the test says. */
function checkOn(respond: (method: string, url: string) => Answer, signal?: AbortSignal) {
  const lines: string[] = [];
  const requests: string[] = [];
  const check = new ClaimCheck({
    place: PLACE,
    send: async (method, url) => {
      requests.push(`${method} ${url.split("?")[0]}`);
      const isProvider = method === "GET" && /\/providers\/Microsoft\.\w+\?/.test(url);
      return isProvider ? answer(200, { registrationState: "Registered" }) : respond(method, url);
    },
    notify: (line) => lines.push(line),
    signal,
  });
  return { check, lines, requests };
}

/** Creates the group and refuses all else, as names are refused. */
const refuseAll = (method: string, url: string): Answer =>
  method === "PUT" && url.startsWith(`${PLACE.group}?`)
    ? answer(201)
    : refusal(400, "InvalidResourceGroup");

describe("a run", () => {
  test("that is stopped checks nothing more, and deletes the group", async () => {
    const stop = new AbortController();
    const { check, requests } = checkOn((method, url) => {
      if (url.includes("has%20space")) stop.abort();
      return method === "DELETE" ? answer(404) : refuseAll(method, url);
    }, stop.signal);
    await check.run();
    const [first, second, third] = check.findings;
    expect([first?.result, second?.result]).toEqual(["confirmed", "confirmed"]);
    expect(third).toMatchObject({ result: "not checked", reason: "the run was stopped" });
    expect(check.findings.at(-1)).toMatchObject({ result: "not checked" });
    await check.cleanUp();
    expect(requests.at(-1)).toBe(`DELETE ${PLACE.group}`);
  });

  test("checks no claim after a failed set-up of its topic", async () => {
    const { check, lines } = checkOn(refuseAll);
    await check.run();
    const claim = check.findings.find(({ states }) => states === "a machine keeps its image");
    expect(claim).toMatchObject({
      result: "not checked",
      reason: expect.stringMatching(/^PUT .*virtualNetworks\/machines failed: 400/) as unknown,
    });
    expect(lines).toContain("  differs: a network is created (400 InvalidResourceGroup)");
  });

  test("deletes what the cloud accepts although the claim says that it is refused", async () => {
    const { check, requests } = checkOn((method) => answer(method === "PUT" ? 201 : 404));
    await check.run();
    expect(requests).toContain(`DELETE ${SUBSCRIPTION}/resourceGroups/has%20space`);
    expect(requests.filter((line) => line === `DELETE ${PLACE.group}`)).toHaveLength(1);
  });

  test("says how to delete a group that it couldn't delete", async () => {
    const { check } = checkOn(refuseAll);
    await check.run();
    await expect(check.cleanUp()).rejects.toThrow(
      /conformance wasn't deleted: 400 InvalidResourceGroup\. .*az group delete --name conformance$/,
    );
  });

  test("creates nothing where it may not create the group", async () => {
    const { check, requests } = checkOn(() => refusal(403, "AuthorizationFailed"));
    await expect(check.run()).rejects.toThrow(
      "The subscription doesn't let you create the resource group: 403 AuthorizationFailed",
    );
    expect(requests.filter((line) => line.startsWith("PUT"))).toEqual([`PUT ${PLACE.group}`]);
  });
});
