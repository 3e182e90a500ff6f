import { sasExpiry } from "../../../components/sas-expiry";

const DAY = 24 * 3600 * 1000;

test("a signature is valid for one to two periods, also around midnight", () => {
  for (const days of [1, 30, 365]) {
    for (const now of [0, 1, days * DAY - 1, days * DAY, 20_000 * DAY + 1]) {
      const left = Date.parse(sasExpiry(days, now)) - now;
      expect(left).toBeGreaterThan(days * DAY);
      expect(left).toBeLessThanOrEqual(2 * days * DAY);
    }
  }
});

test("updates in the same period give the same end, and the next period another one", () => {
  const start = 700 * 30 * DAY;
  expect(sasExpiry(30, start)).toBe(sasExpiry(30, start + 30 * DAY - 1));
  expect(Date.parse(sasExpiry(30, start + 30 * DAY)) - Date.parse(sasExpiry(30, start))).toBe(
    30 * DAY,
  );
});

test("the end is written as Azure wants it", () => {
  expect(sasExpiry(30, Date.UTC(2026, 10, 30, 12))).toMatch(/^20\d\d-\d\d-\d\dT00:00:00Z$/);
});
