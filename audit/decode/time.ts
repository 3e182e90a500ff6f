import { UserError } from "../../common/user-error";

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
  private readonly zone: ZoneOffsets | undefined;

  /** @param timeZone the server's log_timezone as an IANA name, if it isn't UTC */
  constructor(timeZone?: string) {
    this.zone = timeZone === undefined ? undefined : new ZoneOffsets(timeZone);
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
    return this.zone?.offsetMilliseconds(wallClock, zone);
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
  return `its time, ${text}, doesn't exist or has an unknown time zone: give the server's log_timezone with --time-zone, such as Europe/Paris`;
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

/** Locales with PostgreSQL's abbreviations: EST for America, CET for Europe, AEST for Australia. */
const ABBREVIATION_LOCALES = ["en-US", "en-GB", "en-AU", "en-CA", "en-IN", "en-ZA"];

/** The offsets of one time zone over the year. */
class ZoneOffsets {
  private readonly wallClock: Intl.DateTimeFormat;
  private readonly names: readonly Intl.DateTimeFormat[];

  constructor(timeZone: string) {
    try {
      this.wallClock = new Intl.DateTimeFormat("en-US", {
        timeZone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
    } catch {
      throw new UserError(
        `${timeZone} isn't a time zone: give an IANA name, such as Europe/Paris or America/New_York.`,
      );
    }
    this.names = ABBREVIATION_LOCALES.map(
      (locale) => new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short" }),
    );
  }

  /**
   * How far the zone is ahead of UTC. When clocks are set back, an hour occurs twice, and the abbreviation distinguishes
   * the two.
   * @returns undefined for a time that the clock skipped, or one that stays ambiguous
   */
  offsetMilliseconds(wallClock: number, abbreviation: string): number | undefined {
    const day = 86_400_000;
    const offsets = [...new Set([this.at(wallClock - day), this.at(wallClock + day)])];
    const possible = offsets.filter((offset) => this.at(wallClock - offset) === offset);
    if (possible.length === 1) return possible[0];
    return possible.find((offset) => this.isNamed(wallClock - offset, abbreviation));
  }

  private at(milliseconds: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.wallClock.formatToParts(milliseconds)) {
      part[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - milliseconds;
  }

  private isNamed(milliseconds: number, abbreviation: string): boolean {
    return this.names.some((format) =>
      format
        .formatToParts(milliseconds)
        .some(({ type, value }) => type === "timeZoneName" && value === abbreviation),
    );
  }
}
