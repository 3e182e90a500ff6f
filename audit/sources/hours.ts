import type { TimeRange } from "../select/time-range";

/**
 * Azure Monitor's layout of the trail: a folder for each year, month, day and hour (UTC), with one blob per hour.
 *
 *     resourceId=/SUBSCRIPTIONS/.../<SERVER>/y=2026/m=11/d=22/h=15/m=00/PT1H.json
 *
 * Source: Azure Monitor, "Resource logs", "Send to Azure Storage".
 */
export interface HourBlob {
  /** The part of the name before `/y=`: the server's folder. */
  readonly resource: string;
  /** The hour's first millisecond. */
  readonly hour: Date;
}

const HOUR_MILLISECONDS = 3_600_000;

/**
 * A record may be in the blob of a later hour: Azure stores it under the hour in which it was received (same source).
 * A record of 10:59:58 may be in the blob of 11, never in that of 9.
 */
const LATE_HOURS = 1;

const BLOB = /^(?:(.*)\/)?y=(\d{4})\/m=(\d{2})\/d=(\d{2})\/h=(\d{2})\/m=00\/PT1H\.json$/;
const FOLDER =
  /(?:^|\/)y=(\d{4})(?:\/m=(\d{2})(?:\/d=(\d{2})(?:\/h=(\d{2})(?:\/m=\d{2})?)?)?)?\/?$/;

/** Parses a blob's name or path; undefined if it isn't an hour's blob. */
export function parseHourBlob(name: string): HourBlob | undefined {
  const [, resource = "", year, month, day, hour] = BLOB.exec(name) ?? [];
  if (year === undefined) return undefined;
  return {
    resource,
    hour: new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour))),
  };
}

/** The name of the server, in lower case, whose folder this is; undefined if the folder isn't named after its id. */
export function serverName(resource: string): string | undefined {
  return /\/FLEXIBLESERVERS\/([^/]+)$/i.exec(resource)?.[1]?.toLowerCase();
}

/** No record of the hour's blob is earlier: the first millisecond of the hour before. */
export function earliestOf({ hour }: HourBlob): number {
  return hour.getTime() - LATE_HOURS * HOUR_MILLISECONDS;
}

/** The folder of an hour below its server's: `y=2026/m=11/d=22/h=15/m=00`. */
export function hourFolder(hour: Date): string {
  const [year, month, day, hourOfDay] = hour.toISOString().split(/[-T:]/);
  return `y=${year}/m=${month}/d=${day}/h=${hourOfDay}/m=00`;
}

export function hourBlobName({ resource, hour }: HourBlob): string {
  return `${resource === "" ? "" : `${resource}/`}${hourFolder(hour)}/PT1H.json`;
}

export function startOfHour(time: Date): Date {
  return new Date(Math.floor(time.getTime() / HOUR_MILLISECONDS) * HOUR_MILLISECONDS);
}

/** For this time the blob of the previous hour is still polled: records of its last seconds may arrive late. */
const FOLLOW_LATE_MILLISECONDS = 10 * 60_000;

/** The oldest hour whose blob may still grow. */
export function oldestGrowingHour(now: Date): Date {
  return startOfHour(new Date(now.getTime() - FOLLOW_LATE_MILLISECONDS));
}

/** The hours from one to another, inclusive, oldest first. */
export function hoursBetween(first: Date, last: Date): Date[] {
  const hours: Date[] = [];
  const end = last.getTime();
  for (let at = startOfHour(first).getTime(); at <= end; at += HOUR_MILLISECONDS) {
    hours.push(new Date(at));
  }
  return hours;
}

/** The first and last hour whose blobs may contain records of the range; undefined where the range is open. */
export function hoursOfRange({ since, until }: TimeRange): { first?: Date; last?: Date } {
  return {
    ...(since === undefined ? {} : { first: startOfHour(since) }),
    ...(until === undefined
      ? {}
      : { last: startOfHour(new Date(until.getTime() - 1 + LATE_HOURS * HOUR_MILLISECONDS)) }),
  };
}

/**
 * Whether a folder of the layout, from `.../y=2026` down to the hour, may contain records of the range. A folder outside
 * the layout may.
 */
export function folderMayContain(folder: string, range: TimeRange): boolean {
  const [, year, month, day, hour] = FOLDER.exec(folder) ?? [];
  if (year === undefined) return true;
  const numbers = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1), Number(hour ?? 0)];
  const depth = [year, month, day, hour].filter((part) => part !== undefined).length;
  const from = utc(numbers);
  numbers[depth - 1] = (numbers[depth - 1] ?? 0) + 1;
  const to = utc(numbers);
  const { first, last } = hoursOfRange(range);
  return (first === undefined || to > first.getTime()) && (!last || from <= last.getTime());
}

function utc([year = 0, month = 0, day = 1, hour = 0]: readonly number[]): number {
  return Date.UTC(year, month, day, hour);
}

/** Orders blobs by hour, and by server within one. */
export function compareHourBlobs(a: HourBlob, b: HourBlob): number {
  return a.hour.getTime() - b.hour.getTime() || a.resource.localeCompare(b.resource, "en");
}
