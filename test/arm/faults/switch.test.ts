import { FLEXIBLE_SERVERS as SERVERS } from "../../../local/arm/resource-type-names";
import { call, errorOf } from "../support/http";
import { smallCloud } from "./small-cloud";

const { cloud, log, created, arm, put, get, restart, poll } = smallCloud();
beforeEach(async () => {
  await cloud.request("DELETE", "/local-azure/faults");
  log.length = 0;
  created.length = 0;
});

const PUT = { method: "PUT", type: SERVERS };
const answer = (status: number, more: object = {}) => ({ kind: "answer", status, ...more });

describe("a fault", () => {
  test("applies to the Nth matching call, once, with status, code and Retry-After, and is logged", async () => {
    await arm({ ...PUT, call: 2, effect: answer(429, { retryAfterSeconds: 7 }) });
    expect((await put()).status).toBe(202);
    const failed = await put();
    expect(errorOf(failed)).toMatchObject({ status: 429, code: "TooManyRequests" });
    expect(failed.headers["retry-after"]).toBe("7");
    expect((await put()).status).toBe(202);
    expect(log).toEqual([
      `faults armed: PUT ${SERVERS}, call 2: 429 TooManyRequests, Retry-After 7 s`,
      `fault applied to PUT ${SERVERS} 's', call 2: 429 TooManyRequests, Retry-After 7 s`,
    ]);
  });

  test("can be limited to a name, an action and a number of calls", async () => {
    await put("audit-a");
    await arm(
      { ...PUT, name: "audit-*", times: 2, effect: answer(409, { code: "ServerIsBusy" }) },
      { method: "POST", type: SERVERS.toLowerCase(), action: "RESTART", effect: answer(500) },
    );
    expect((await put("other")).status).toBe(202);
    expect(errorOf(await put("audit-a"))).toMatchObject({
      status: 409,
      code: "ServerIsBusy",
    });
    expect(errorOf(await put("AUDIT-B")).status).toBe(409);
    expect((await put("audit-a")).status).toBe(202);
    expect(errorOf(await restart("audit-a"))).toMatchObject({
      status: 500,
      code: "InternalServerError",
    });
    expect((await restart("audit-a")).status).toBe(202);
  });

  test("can drop the connection, before or after the work", async () => {
    await arm({ ...PUT, effect: { kind: "drop" } });
    await expect(put("lost")).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(created).toEqual([]);
    await arm({ ...PUT, effect: { kind: "drop", workDone: true } });
    await expect(put("done")).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(created).toEqual(["done"]);
  });

  test("can make an operation fail, before or after its work", async () => {
    const effect = { kind: "failOperation", code: "InternalServerError", message: "No capacity." };
    await arm({ ...PUT, effect }, { ...PUT, call: 2, effect: { ...effect, workDone: true } });
    const undone = await put("undone");
    expect(undone.status).toBe(202);
    expect((await poll(undone)).body).toMatchObject({
      status: "Failed",
      error: { code: "InternalServerError", message: "No capacity." },
    });
    expect((await get("undone")).status).toBe(404);
    expect((await poll(await put("half"))).body).toMatchObject({ status: "Failed" });
    expect((await get("half")).status).toBe(200);
  });

  test("can apply to a poll of an operation, and not to the request that started it", async () => {
    await arm({ ...PUT, poll: true, effect: answer(503) });
    const started = await put();
    expect(started.status).toBe(202);
    expect((await poll(started)).status).toBe(503);
    expect((await poll(started)).body).toMatchObject({ status: "Succeeded" });
  });

  test("can delay the response", async () => {
    await arm({ method: "GET", type: SERVERS, effect: { kind: "delay", seconds: 0.05 } });
    await put();
    expect((await get()).status).toBe(200);
    expect(log[1]).toContain("0.05 s late");
  });
});

describe("the control route", () => {
  test("shows the armed faults and how often each was applied, until they are disarmed", async () => {
    await arm({ ...PUT, times: 2, effect: answer(500) });
    await put();
    const { body } = await cloud.request("GET", "/local-azure/faults");
    expect(body).toMatchObject({ value: [{ ...PUT, calls: 1, hits: 1 }] });
    expect((await cloud.request("DELETE", "/local-azure/faults")).status).toBe(204);
    expect((await put()).status).toBe(202);
  });

  test("refuses requests without a token", async () => {
    const { url, ca } = cloud;
    for (const method of ["GET", "POST", "DELETE"]) {
      const refused = await call(`${url}/local-azure/faults`, { method, ca });
      expect(errorOf(refused)).toMatchObject({ status: 401 });
    }
  });

  test("reports every problem at once, and then arms no fault", async () => {
    const refused = await arm(
      { ...PUT, effect: answer(500) },
      { ...PUT, type: "Microsoft.Web/sites", when: 1, effect: answer(200) },
      { method: "GET", type: SERVERS, action: "restart", effect: { kind: "failOperation" } },
    );
    expect(errorOf(refused)).toMatchObject({ status: 400, code: "InvalidFaults" });
    const { message } = errorOf(refused);
    expect(message).toMatch(/Unrecognized key: "when"/);
    expect(message).toMatch(/expected number to be >=400/);
    expect(message).toMatch(/only POST has actions/);
    expect(message).toMatch(/'Microsoft.Web\/sites' is not a resource type .* which has .*Servers/);
    expect((await cloud.request("GET", "/local-azure/faults")).body).toEqual({ value: [] });
  });
});
