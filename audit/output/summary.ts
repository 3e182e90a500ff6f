import { compareText } from "../../common/compare-text";
import type { LogRecord } from "../record";

/**
 * Records are counted by each of these. Of class, command and object only audit records are counted, because other
 * lines have none; of `ambiguous` only the records that are. Otherwise null is counted too.
 */
export const SUMMARY_GROUPS = [
  ...["kind", "class", "user", "database", "command", "object", "ambiguous", "hour"],
] as const;
export type SummaryGroup = (typeof SUMMARY_GROUPS)[number];

/** Counts as plain data, for messages between threads. */
export interface SummaryPart {
  readonly records: number;
  /** Time of the oldest and the newest record; null without records. */
  readonly first: string | null;
  readonly last: string | null;
  /** The number of records by value; null: records without a value. */
  readonly counts: Readonly<Record<SummaryGroup, ReadonlyMap<string | null, number>>>;
}

export interface Count {
  readonly value: string | null;
  readonly records: number;
}

/** Counts records by each group; parts can be added. */
export class Summary {
  private records = 0;
  private first: string | null = null;
  private last: string | null = null;
  private readonly kinds: Counters = new Map();
  private readonly classes: Counters = new Map();
  private readonly users: Counters = new Map();
  private readonly databases: Counters = new Map();
  private readonly commands: Counters = new Map();
  private readonly objects: Counters = new Map();
  private readonly ambiguities: Counters = new Map();
  private readonly hours: Counters = new Map();
  /** The hour of the previous record: usually that of the next record too. */
  private hour = NO_HOUR;

  add(record: LogRecord): void {
    const { time } = record;
    this.records += 1;
    this.widen(time, time);
    counterOf(this.kinds, record.kind).records += 1;
    counterOf(this.users, record.user_name).records += 1;
    counterOf(this.databases, record.database_name).records += 1;
    if (record.kind === "audit") {
      counterOf(this.classes, record.class).records += 1;
      counterOf(this.commands, record.command).records += 1;
      counterOf(this.objects, record.object_name).records += 1;
    }
    if (record.ambiguous !== null) counterOf(this.ambiguities, record.ambiguous).records += 1;
    if (!time.startsWith(this.hour.name)) {
      const name = time.slice(0, NO_HOUR.name.length);
      this.hour = { name, counter: counterOf(this.hours, name) };
    }
    this.hour.counter.records += 1;
  }

  addPart(part: SummaryPart): void {
    this.records += part.records;
    this.widen(part.first, part.last);
    for (const group of SUMMARY_GROUPS) {
      const counters = this.countersOf(group);
      for (const [value, records] of part.counts[group]) {
        counterOf(counters, value).records += records;
      }
    }
  }

  part(): SummaryPart {
    const { records, first, last } = this;
    const counts = SUMMARY_GROUPS.map((group) => [
      group,
      new Map([...this.countersOf(group)].map(([value, counter]) => [value, counter.records])),
    ]);
    return { records, first, last, counts: Object.fromEntries(counts) as SummaryPart["counts"] };
  }

  /** A group's values, most frequent first (hours: oldest first); equally frequent ones by name. */
  counts(group: SummaryGroup): Count[] {
    const counts = [...this.countersOf(group)].map(([value, { records }]) => ({ value, records }));
    const byName = (a: Count, b: Count) => compareText(a.value ?? "", b.value ?? "");
    return counts.sort(group === "hour" ? byName : (a, b) => b.records - a.records || byName(a, b));
  }

  private countersOf(group: SummaryGroup): Counters {
    switch (group) {
      case "kind":
        return this.kinds;
      case "class":
        return this.classes;
      case "user":
        return this.users;
      case "database":
        return this.databases;
      case "command":
        return this.commands;
      case "object":
        return this.objects;
      case "ambiguous":
        return this.ambiguities;
      case "hour":
        return this.hours;
    }
  }

  private widen(first: string | null, last: string | null): void {
    if (first !== null && (this.first === null || first < this.first)) this.first = first;
    if (last !== null && (this.last === null || last > this.last)) this.last = last;
  }
}

interface Counter {
  records: number;
}
type Counters = Map<string | null, Counter>;

/** As long as an hour's name, but not one. */
const NO_HOUR = { name: "----------T--", counter: { records: 0 } };

function counterOf(counters: Counters, value: string | null): Counter {
  let counter = counters.get(value);
  if (!counter) {
    counter = { records: 0 };
    counters.set(value, counter);
  }
  return counter;
}
