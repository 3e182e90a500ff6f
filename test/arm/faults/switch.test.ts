import { call } from "../support/http";
import { errorOf, SERVERS, SmallCloud } from "./small-cloud";

let cloud: SmallCloud;
beforeAll(async () => {
  cloud = await SmallCloud.start();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  await cloud.request("DELETE", "/local-azure/faults");
  cloud.said.length = 0;
  cloud.made.length = 0;
});

const PUT = { method: "PUT", type: SERVERS };
const answer = (status: number, more: object = {}) => ({ kind: "answer", status, ...more });

describe("a fault", () => {
  test("strikes the Nth call of its kind, once, with status, code and Retry-After, and says so", async () => {
    await cloud.arm({ ...PUT, call: 2, effect: answer(429, { retryAfterSeconds: 7 }) });
    expect((await cloud.put()).status).toBe(202);
    const struck = await cloud.put();
    expect(errorOf(struck)).toMatchObject({ status: 429, code: "TooManyRequests" });
    expect(struck.headers["retry-after"]).toBe("7");
    expect((await cloud.put()).status).toBe(202);
    expect(cloud.said).toEqual([
      `faults armed: PUT ${SERVERS}, call 2: 429 TooManyRequests, Retry-After 7 s`,
      `fault struck PUT ${SERVERS} 's', call 2: 429 TooManyRequests, Retry-After 7 s`,
    ]);
  });

  test("is one for a name, an action and as many calls as it says", async () => {
    await cloud.put("audit-a");
    await cloud.arm(
      { ...PUT, name: "audit-*", times: 2, effect: answer(409, { code: "ServerIsBusy" }) },
      { method: "POST", type: SERVERS.toLowerCase(), action: "RESTART", effect: answer(500) },
    );
    expect((await cloud.put("other")).status).toBe(202);
    expect(errorOf(await cloud.put("audit-a"))).toMatchObject({
      status: 409,
      code: "ServerIsBusy",
    });
    expect(errorOf(await cloud.put("AUDIT-B")).status).toBe(409);
    expect((await cloud.put("audit-a")).status).toBe(202);
    const restart = () => cloud.request("POST", cloud.serverPath("audit-a", "/restart"));
    expect(errorOf(await restart())).toMatchObject({ status: 500, code: "InternalServerError" });
    expect((await restart()).status).toBe(202);
  });

  test("drops the connection, before the work or after it", async () => {
    await cloud.arm({ ...PUT, effect: { kind: "drop" } });
    await expect(cloud.put("lost")).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(cloud.made).toEqual([]);
    await cloud.arm({ ...PUT, effect: { kind: "drop", workDone: true } });
    await expect(cloud.put("done")).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(cloud.made).toEqual(["done"]);
  });

  test("lets an operation fail, with its work undone or done", async () => {
    const effect = { kind: "failOperation", code: "InternalServerError", message: "No capacity." };
    await cloud.arm({ ...PUT, effect }, { ...PUT, call: 2, effect: { ...effect, workDone: true } });
    const undone = await cloud.put("undone");
    expect(undone.status).toBe(202);
    expect((await cloud.poll(undone)).body).toMatchObject({
      status: "Failed",
      error: { code: "InternalServerError", message: "No capacity." },
    });
    expect((await cloud.get("undone")).status).toBe(404);
    expect((await cloud.poll(await cloud.put("half"))).body).toMatchObject({ status: "Failed" });
    expect((await cloud.get("half")).status).toBe(200);
  });

  test("strikes a look at an operation, not the request that began it", async () => {
    await cloud.arm({ ...PUT, poll: true, effect: answer(503) });
    const begun = await cloud.put();
    expect(begun.status).toBe(202);
    expect((await cloud.poll(begun)).status).toBe(503);
    expect((await cloud.poll(begun)).body).toMatchObject({ status: "Succeeded" });
  });

  test("can come late", async () => {
    await cloud.arm({ method: "GET", type: SERVERS, effect: { kind: "delay", seconds: 0.05 } });
    await cloud.put();
    expect((await cloud.get()).status).toBe(200);
    expect(cloud.said[1]).toContain("0.05 s late");
  });
});

describe("the control route", () => {
  test("shows what is armed and how often it struck, until it is disarmed", async () => {
    await cloud.arm({ ...PUT, times: 2, effect: answer(500) });
    await cloud.put();
    const { body } = await cloud.request("GET", "/local-azure/faults");
    expect(body).toMatchObject({ value: [{ ...PUT, calls: 1, hits: 1 }] });
    expect((await cloud.request("DELETE", "/local-azure/faults")).status).toBe(204);
    expect((await cloud.put()).status).toBe(202);
  });

  test("takes nothing from someone who isn't signed in", async () => {
    const { url, ca } = cloud;
    for (const method of ["GET", "POST", "DELETE"]) {
      const refused = await call(`${url}/local-azure/faults`, { method, ca });
      expect(errorOf(refused)).toMatchObject({ status: 401 });
    }
  });

  test("names every problem at once, and arms none of the faults then", async () => {
    const refused = await cloud.arm(
      { ...PUT, effect: answer(500) },
      { ...PUT, type: "Microsoft.Web/sites", when: 1, effect: answer(200) },
      { method: "GET", type: SERVERS, action: "restart", effect: { kind: "failOperation" } },
    );
    expect(errorOf(refused)).toMatchObject({ status: 400, code: "InvalidFaults" });
    const { message } = errorOf(refused);
    expect(message).toMatch(/Unrecognized key: "when"/);
    expect(message).toMatch(/expected number to be >=400/);
    expect(message).toMatch(/only POST has actions/);
    expect(message).toMatch(/'Microsoft.Web\/sites' is no resource type .* which has .*Servers/);
    expect((await cloud.request("GET", "/local-azure/faults")).body).toEqual({ value: [] });
  });
});
