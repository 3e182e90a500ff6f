/** The span of time that is asked for. */
export interface TimeRange {
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

/** Milliseconds of the units of a relative time. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const RELATIVE = /^(\d+(?:\.\d+)?)([smhdw])$/;
const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Parses `5m`, `2h`, `1d` (before now), `now`, or ISO 8601. A time without a zone is UTC, as in the trail.
 * @returns undefined for any other text
 */
export function parseTime(text: string, now: Date): Date | undefined {
  if (text === "now") return now;
  const [, amount, unit] = RELATIVE.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    return new Date(now.getTime() - Number(amount) * (UNITS[unit] ?? 0));
  }
  if (!ISO_8601.test(text)) return undefined;
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text.slice(10));
  const iso = text.length === 10 ? `${text}T00:00` : text.replace(" ", "T");
  const time = new Date(hasZone ? iso : `${iso}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
