import { fetchWithRetries } from "../../../../../local/provider/azure-native/retry";

const answer = (status: number, headers = {}) => new Response(null, { status, headers });
const dropped = () => new TypeError("fetch failed", { cause: new Error("other side closed") });

/** Sends a request that gets these responses in turn; returns the result and the waiting times. */
async function send(method: string, ...met: (Response | Error)[]) {
  const fetch = jest.spyOn(globalThis, "fetch");
  for (const one of met) {
    if (one instanceof Error) fetch.mockRejectedValueOnce(one);
    else fetch.mockResolvedValueOnce(one);
  }
  const waits: number[] = [];
  const pause = async (milliseconds: number) => waits.push(milliseconds);
  const outcome = await fetchWithRetries("https://arm/subscriptions/s?x=y", { method }, pause)
    .then(({ status }) => status)
    .catch(({ message }: Error) => message);
  const { length: attempts } = fetch.mock.calls;
  return { outcome, attempts, waits };
}

afterEach(() => jest.restoreAllMocks());

test.each([408, 429, 500, 502, 503, 504])("a %d is ridden out, by a POST too", async (status) => {
  expect(await send("POST", answer(status), answer(200))).toMatchObject({
    outcome: 200,
    attempts: 2,
  });
});

test.each([400, 401, 403, 404, 409, 412])("a response with %d is final", async (status) => {
  expect(await send("PUT", answer(status))).toEqual({ outcome: status, attempts: 1, waits: [] });
});

test("the fourth transient error is final, after increasing waits", async () => {
  const { outcome, attempts, waits } = await send("PUT", ...[1, 2, 3, 4].map(() => answer(500)));
  expect([outcome, attempts]).toEqual([500, 4]);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[2]).toBeLessThanOrEqual(7 * 800 * 1.3);
});

test("Retry-After is waited for, as seconds or a date, unless it is beyond two minutes", async () => {
  const later = (value: string) => answer(429, { "Retry-After": value });
  expect((await send("GET", later("7"), answer(200))).waits).toEqual([7000]);
  const date = new Date(Date.now() + 60_000).toUTCString();
  const { waits } = await send("GET", later(date), answer(200));
  expect(waits[0]).toBeGreaterThan(30_000);
  jest.restoreAllMocks();
  expect(await send("GET", later("121"))).toEqual({ outcome: 429, attempts: 1, waits: [] });
});

test("a dropped connection is ridden out where the request can be sent again", async () => {
  expect(await send("PUT", dropped(), answer(201))).toMatchObject({ outcome: 201, attempts: 2 });
  jest.restoreAllMocks();
  expect(await send("POST", dropped())).toMatchObject({
    outcome: "POST /subscriptions/s: no answer (other side closed)",
    attempts: 1,
  });
});

test("a missing response is an error with the request, the number of attempts and the cause", async () => {
  expect((await send("DELETE", dropped(), dropped(), dropped(), dropped())).outcome).toBe(
    "DELETE /subscriptions/s: no answer after 4 attempts (other side closed)",
  );
});

test("an interruption is no reason to try again", async () => {
  const fetch = jest.spyOn(globalThis, "fetch").mockRejectedValue(dropped());
  const signal = AbortSignal.abort(new Error("interrupted"));
  const sent = fetchWithRetries("https://arm/", { method: "GET", signal });
  await expect(sent).rejects.toThrow("interrupted");
  expect(fetch).toHaveBeenCalledTimes(1);
});
