import type { LogRecord } from "../record";

const HOUR_MILLISECONDS = 3_600_000;

/** What is compared, by one name or two. The names of the parts are those of the filters. */
export const COMPARED_GROUPS = {
  user: ["user"],
  client: ["client"],
  database: ["database"],
  user_command: ["user", "command"],
  user_object: ["user", "object"],
} as const;
export type ComparedGroup = keyof typeof COMPARED_GROUPS;

/** A range of time with both ends: `since` is inclusive, `until` exclusive. */
export interface Span {
  readonly since: Date;
  readonly until: Date;
}

/** Records with the same name or names. */
export interface NamedCount {
  readonly names: readonly (string | null)[];
  records: number;
}

/** The counts of one side of a comparison. */
export class Side {
  /** Records that are compared. */
  records = 0;
  /** Records whose names a misleading name leaves uncertain: they are in no group. */
  ambiguous = 0;
  /** Times of the oldest and the newest record. */
  first: string | null = null;
  last: string | null = null;
  private readonly groups: Readonly<Record<ComparedGroup, Map<string, NamedCount>>> = {
    user: new Map(),
    client: new Map(),
    database: new Map(),
    user_command: new Map(),
    user_object: new Map(),
  };
  private readonly from: string | undefined;
  private readonly to: string | undefined;

  /** @param name for people */
  constructor(
    readonly name: string,
    readonly range?: Span,
  ) {
    this.from = range?.since.toISOString();
    this.to = range?.until.toISOString();
  }

  /** Length of the range of time; null without one. */
  get hours(): number | null {
    if (!this.range) return null;
    return (this.range.until.getTime() - this.range.since.getTime()) / HOUR_MILLISECONDS;
  }

  /** Whether the record is in the range of time. */
  contains({ time }: LogRecord): boolean {
    // ISO 8601 in UTC sorts as text.
    return this.from !== undefined && this.to !== undefined && time >= this.from && time < this.to;
  }

  add(record: LogRecord): void {
    const { time, user_name: user, command, object_name: object } = record;
    if (this.first === null || time < this.first) this.first = time;
    if (this.last === null || time > this.last) this.last = time;
    if (record.ambiguous !== null) {
      this.ambiguous += 1;
      return;
    }
    this.records += 1;
    this.count("user", user);
    this.count("client", record.client);
    this.count("database", record.database_name);
    // Without a command or object there is no pair.
    if (command !== null) this.count("user_command", user, command);
    if (object !== null) this.count("user_object", user, object);
  }

  counts(group: ComparedGroup): ReadonlyMap<string, NamedCount> {
    return this.groups[group];
  }

  private count(group: ComparedGroup, name: string | null, second?: string): void {
    // PostgreSQL's names contain no NUL.
    const key = `${name ?? "\0"}${second === undefined ? "" : `\0${second}`}`;
    const counted = this.groups[group].get(key);
    if (counted) counted.records += 1;
    else {
      const names = second === undefined ? [name] : [name, second];
      this.groups[group].set(key, { names, records: 1 });
    }
  }
}
