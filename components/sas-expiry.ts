const DAY_MILLISECONDS = 24 * 3600 * 1000;

/**
 * When a shared access signature that is made now ends: at the end of the next period of so many days, counted from
 * 1970. So it is valid for one to two periods; an update in the same period changes nothing, and one in a later period
 * makes a new signature, at the latest when the old one has a whole period left.
 * @returns ISO 8601 in UTC, at midnight
 */
export function sasExpiry(days: number, nowMilliseconds = Date.now()): string {
  const period = days * DAY_MILLISECONDS;
  const end = (Math.floor(nowMilliseconds / period) + 2) * period;
  return new Date(end).toISOString().replace(".000Z", "Z");
}
