import { Timing } from "../../../local/arm/timing";
import { FLEXIBLE_SERVERS } from "../../../local/arm/resource-type-names";
import { errorOf } from "../support/http";
import { smallCloud } from "./small-cloud";

/** A clock that stops until the test ends each wait. */
class StoppedClock {
  readonly waits: { milliseconds: number; end: () => void }[] = [];
  readonly pause = (milliseconds: number) =>
    new Promise<void>((end) => this.waits.push({ milliseconds, end }));
}

const SERVER = { type: FLEXIBLE_SERVERS };

test("the fast profile adds no time to the work", async () => {
  const clock = new StoppedClock();
  const timing = new Timing({ pause: clock.pause });
  expect(await timing.stretch({ verb: "create", ...SERVER }, async () => "done")).toBe("done");
  expect(clock.waits).toEqual([]);
  expect(timing.retryAfterSeconds).toBe(0);
  expect(timing.busyWindowSeconds).toBeGreaterThan(0);
});

test("a failure is reported without waiting for the minimum duration", async () => {
  const timing = new Timing({ profile: "azure" });
  const work = async () => Promise.reject(new Error("no capacity"));
  await expect(timing.stretch({ verb: "create", ...SERVER }, work)).rejects.toThrow("no capacity");
});

describe("the azure profile", () => {
  const clock = new StoppedClock();
  const { put, poll, restart } = smallCloud(
    new Timing({ profile: "azure", timeScale: 2, pause: clock.pause }),
  );

  test("keeps the creation of a server running, and the server busy, for minutes divided by the scale", async () => {
    const started = await put();
    expect(started.headers["retry-after"]).toBe("8");
    const running = await poll(started);
    expect(running).toMatchObject({ status: 202, body: { status: "InProgress" } });
    expect(running.headers["retry-after"]).toBe("8");
    expect(clock.waits.map(({ milliseconds }) => milliseconds)).toEqual([153_000]);
    expect(errorOf(await put())).toMatchObject({ status: 409, code: "ServerIsBusy" });
    clock.waits.shift()?.end();
    expect((await poll(started)).body).toMatchObject({ status: "Succeeded" });
    expect((await restart()).status).toBe(202);
    expect((await put("another")).status).toBe(202);
    expect(clock.waits.map(({ milliseconds }) => milliseconds)).toEqual([30_000, 153_000]);
    for (const { end } of clock.waits) end();
  });
});
