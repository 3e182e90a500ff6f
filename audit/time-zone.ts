import { UserError } from "../common/user-error";

/** Locales with PostgreSQL's abbreviations: EST for America, CET for Europe, AEST for Australia. */
const ABBREVIATION_LOCALES = ["en-US", "en-GB", "en-AU", "en-CA", "en-IN", "en-ZA"];
const UTC_NAMES = /^(?:Etc\/)?(?:UTC|UCT|GMT|Universal|Zulu)$/i;
const DAY_MILLISECONDS = 86_400_000;
/** Zones change their offset only at multiples of this. Source: the IANA time zone database, since 1972. */
const QUARTER_MILLISECONDS = 15 * 60_000;

/** A time as the clocks of a zone show it. */
export interface LocalTime {
  /** `2026-11-22`. */
  readonly day: string;
  /** `17:51:17`. */
  readonly time: string;
  /** How far the clocks are ahead of UTC: `+01:00`. */
  readonly offset: string;
}

/**
 * A time zone of the IANA database, with the offsets of its clocks over the year. Wall-clock times are milliseconds
 * since 1970 as if the clock showed UTC.
 */
export class TimeZone {
  readonly isUtc: boolean;
  /** Undefined for UTC. */
  private readonly wallClock: Intl.DateTimeFormat | undefined;
  private names: readonly Intl.DateTimeFormat[] | undefined;
  /** The quarter of an hour of the previous `offsetAt`, and its offset: records come in the order of time. */
  private lastQuarter = NaN;
  private lastOffset = 0;

  /**
   * @param name an IANA name, such as `Europe/Paris`
   * @throws UserError for another name
   */
  constructor(readonly name: string) {
    this.isUtc = UTC_NAMES.test(name);
    if (this.isUtc) return;
    try {
      this.wallClock = new Intl.DateTimeFormat("en-US", {
        timeZone: name,
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
        `${name} isn't a time zone: give an IANA name, such as Europe/Paris or America/New_York.`,
      );
    }
  }

  /** The zone of this machine: of the variable TZ, or the system's. UTC if Node.js can't name it. */
  static get localName(): string {
    const name: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    return name === undefined || name === "Etc/Unknown" ? "UTC" : name;
  }

  /** How far the clocks are ahead of UTC at a time, in milliseconds. */
  offsetAt(milliseconds: number): number {
    const quarter = Math.floor(milliseconds / QUARTER_MILLISECONDS);
    if (quarter !== this.lastQuarter) {
      this.lastOffset = this.measureOffset(quarter * QUARTER_MILLISECONDS);
      this.lastQuarter = quarter;
    }
    return this.lastOffset;
  }

  /**
   * When the clocks show a time. When they are set back, an hour occurs twice: the earlier or the later one is returned.
   * A time that they skip, when they are set forward, becomes the moment at which they skip it.
   */
  timeOf(wallClock: number, which: "earlier" | "later"): number {
    const { offsets, possible } = this.offsetsOf(wallClock);
    if (possible.length === 0) return this.nextChange(wallClock - Math.max(...offsets));
    return wallClock - (which === "earlier" ? Math.max(...possible) : Math.min(...possible));
  }

  /**
   * How far the zone is ahead of UTC when its clocks show a time. When clocks are set back, an hour occurs twice, and the
   * abbreviation distinguishes the two.
   * @returns undefined for a time that the clock skipped, or one that stays ambiguous
   */
  offsetNamed(wallClock: number, abbreviation: string): number | undefined {
    const { possible } = this.offsetsOf(wallClock);
    if (possible.length === 1) return possible[0];
    return possible.find((offset) => this.isNamed(wallClock - offset, abbreviation));
  }

  /** @param iso ISO 8601 in UTC */
  localTime(iso: string): LocalTime {
    if (this.isUtc) return { day: iso.slice(0, 10), time: iso.slice(11, 19), offset: "+00:00" };
    const milliseconds = Date.parse(iso);
    const offset = this.offsetAt(milliseconds);
    const [day = "", time = ""] = new Date(milliseconds + offset).toISOString().split("T");
    return { day, time: time.slice(0, "17:51:17".length), offset: offsetText(offset) };
  }

  private offsetsOf(wallClock: number): { offsets: readonly number[]; possible: number[] } {
    const offsets = [-DAY_MILLISECONDS, DAY_MILLISECONDS].map((days) =>
      this.offsetAt(wallClock + days),
    );
    const possible = [...new Set(offsets)].filter(
      (offset) => this.offsetAt(wallClock - offset) === offset,
    );
    return { offsets, possible };
  }

  /** The first change of the offset within two days after a time; this time if there is none. */
  private nextChange(milliseconds: number): number {
    const offset = this.offsetAt(milliseconds);
    const first = Math.floor(milliseconds / QUARTER_MILLISECONDS) * QUARTER_MILLISECONDS;
    const end = first + 2 * DAY_MILLISECONDS;
    for (let quarter = first; quarter < end; quarter += QUARTER_MILLISECONDS) {
      if (this.offsetAt(quarter) !== offset) return quarter;
    }
    return milliseconds;
  }

  private measureOffset(milliseconds: number): number {
    if (!this.wallClock) return 0;
    const part: Record<string, number> = {};
    for (const { type, value } of this.wallClock.formatToParts(milliseconds)) {
      part[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - milliseconds;
  }

  private isNamed(milliseconds: number, abbreviation: string): boolean {
    this.names ??= ABBREVIATION_LOCALES.map(
      (locale) => new Intl.DateTimeFormat(locale, { timeZone: this.name, timeZoneName: "short" }),
    );
    return this.names.some((format) =>
      format
        .formatToParts(milliseconds)
        .some(({ type, value }) => type === "timeZoneName" && value === abbreviation),
    );
  }
}

function offsetText(milliseconds: number): string {
  const minutes = Math.abs(milliseconds) / 60_000;
  const two = (number: number) => String(Math.floor(number)).padStart(2, "0");
  return `${milliseconds < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
