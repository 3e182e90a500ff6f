import { Timing } from "../../../local/arm/timing";
import { errorOf, SERVERS, SmallCloud } from "./small-cloud";

/** A clock that stands until it is told to go on. */
class StandingClock {
  readonly waits: { milliseconds: number; end: () => void }[] = [];
  readonly pause = (milliseconds: number) =>
    new Promise<void>((end) => this.waits.push({ milliseconds, end }));
}

const SERVER = { type: SERVERS };

test("the fast profile adds nothing to the work", async () => {
  const clock = new StandingClock();
  const timing = new Timing({ pause: clock.pause });
  expect(await timing.stretch({ verb: "create", ...SERVER }, async () => "made")).toBe("made");
  expect(clock.waits).toEqual([]);
  expect(timing.retryAfterSeconds).toBe(0);
  expect(timing.busyWindowSeconds).toBeGreaterThan(0);
});

test("a failure doesn't wait for the profile's time", async () => {
  const timing = new Timing({ profile: "azure" });
  const work = async () => Promise.reject(new Error("no capacity"));
  await expect(timing.stretch({ verb: "create", ...SERVER }, work)).rejects.toThrow("no capacity");
});

describe("the azure profile", () => {
  const clock = new StandingClock();
  let cloud: SmallCloud;
  beforeAll(async () => {
    cloud = await SmallCloud.start(
      new Timing({ profile: "azure", timeScale: 2, pause: clock.pause }),
    );
  });
  afterAll(() => cloud.close());

  test("keeps a server's creation under way, and the server busy, for minutes divided by the scale", async () => {
    const begun = await cloud.put();
    expect(begun.headers["retry-after"]).toBe("8");
    const look = await cloud.poll(begun);
    expect(look).toMatchObject({ status: 202, body: { status: "InProgress" } });
    expect(look.headers["retry-after"]).toBe("8");
    expect(clock.waits.map(({ milliseconds }) => milliseconds)).toEqual([153_000]);
    expect(errorOf(await cloud.put())).toMatchObject({ status: 409, code: "ServerIsBusy" });
    clock.waits.shift()?.end();
    expect((await cloud.poll(begun)).body).toMatchObject({ status: "Succeeded" });
    const restart = await cloud.request("POST", cloud.serverPath("s", "/restart"));
    expect(restart.status).toBe(202);
    expect((await cloud.put("another")).status).toBe(202);
    expect(clock.waits.map(({ milliseconds }) => milliseconds)).toEqual([30_000, 153_000]);
    for (const { end } of clock.waits) end();
  });
});
