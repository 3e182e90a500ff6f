import { TimeZone } from "../time-zone";

/** Length of `2022-05-23 08:23:59`: PostgreSQL's timestamps without milliseconds and time zone. */
const SECONDS_LENGTH = 19;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{3})? (\S+)$/;
const NUMERIC_ZONE = /^([+-])(\d\d)(?::?(\d\d))?$/;

/** Converts the times of log lines to ISO 8601 in UTC with milliseconds. */
export class Timestamps {
  /** The previous second, its time zone after a space, and the same in UTC: a log has many lines per second. */
  private lastSecond = "?";
  private lastZone = "";
  private lastIso = "";
  private readonly zone: TimeZone | undefined;

  /** @param timeZone the server's log_timezone as an IANA name, if it isn't UTC */
  constructor(timeZone?: string) {
    this.zone = timeZone === undefined ? undefined : new TimeZone(timeZone);
  }

  /**
   * @param text as PostgreSQL writes it, with or without milliseconds: `2022-05-23 08:23:59.526 UTC`
   * @returns undefined for another text, or for an unknown time zone
   */
  fromPostgres(text: string): string | undefined {
    if (
      text.slice(0, SECONDS_LENGTH) === this.lastSecond &&
      text.slice(SECONDS_LENGTH + 4) === this.lastZone &&
      isMilliseconds(text)
    ) {
      return `${this.lastIso}${text.slice(SECONDS_LENGTH, SECONDS_LENGTH + 4)}Z`;
    }
    const [, day, second, fraction = ".000", zone] = TIMESTAMP.exec(text) ?? [];
    if (day === undefined || second === undefined || zone === undefined) return undefined;
    const wallClock = Date.parse(`${day}T${second}Z`);
    // Date.parse accepts the 30th of February as the 2nd of March.
    if (Number.isNaN(wallClock) || !isoSeconds(wallClock).startsWith(`${day}T${second}`)) {
      return undefined;
    }
    const offset = this.offsetMilliseconds(zone, wallClock);
    if (offset === undefined) return undefined;
    const iso = isoSeconds(wallClock - offset);
    this.lastSecond = `${day} ${second}`;
    this.lastZone = ` ${zone}`;
    this.lastIso = iso;
    return `${iso}${fraction}Z`;
  }

  /** @param text seconds since 1970, as %n */
  fromEpochSeconds(text: string): string | undefined {
    const date = new Date(Math.round(Number(text) * 1000));
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  }

  private offsetMilliseconds(zone: string, wallClock: number): number | undefined {
    if (zone === "UTC" || zone === "GMT" || zone === "Z") return 0;
    const [, sign, hours, minutes = "0"] = NUMERIC_ZONE.exec(zone) ?? [];
    if (hours !== undefined) {
      const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
      return sign === "-" ? -offset : offset;
    }
    return this.zone?.offsetNamed(wallClock, zone);
  }
}

/** Whether two of PostgreSQL's timestamps, with or without milliseconds, name the same second of the same time zone. */
export const isSameSecond = (a: string, b: string): boolean =>
  a.slice(0, SECONDS_LENGTH) === b.slice(0, SECONDS_LENGTH) && zoneIn(a) === zoneIn(b);

const POINT = 0x2e;
const zoneIn = (text: string): string =>
  text.slice(text.charCodeAt(SECONDS_LENGTH) === POINT ? SECONDS_LENGTH + 4 : SECONDS_LENGTH);

/** Why a time can't be converted. */
export function timeProblem(text: string): string {
  const zone = TIMESTAMP.exec(text)?.[4];
  if (zone === undefined) return `its time is invalid: ${JSON.stringify(text.slice(0, 40))}`;
  return `its time, ${text}, doesn't exist or has an unknown time zone: give the server's log_timezone with --log-time-zone, such as Europe/Paris`;
}

const isoSeconds = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, SECONDS_LENGTH);

function isMilliseconds(text: string): boolean {
  if (text.charCodeAt(SECONDS_LENGTH) !== POINT) return false;
  for (let at = SECONDS_LENGTH + 1; at < SECONDS_LENGTH + 4; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}
