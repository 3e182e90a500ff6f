import { LogRecord } from "./record";

/** What the records are counted by; null is counted too. */
export const SUMMARY_GROUPS = ["kind", "class", "user", "command", "object", "hour"] as const;
export type SummaryGroup = (typeof SUMMARY_GROUPS)[number];

/** Counts as they go from thread to thread. */
export interface SummaryPart {
  readonly records: number;
  /** Time of the oldest and the newest record, null where there are none. */
  readonly first: string | null;
  readonly last: string | null;
  /** A value's count; null stands for records without one. */
  readonly counts: Readonly<Record<SummaryGroup, ReadonlyMap<string | null, number>>>;
}

/** One line of a summary's table. */
export interface Count {
  readonly value: string | null;
  readonly records: number;
}

/** Counts records by kind, class, user, command, object and hour, exactly; parts can be added up. */
export class Summary {
  private records = 0;
  private first: string | null = null;
  private last: string | null = null;
  private readonly kinds = new Map<string | null, number>();
  private readonly classes = new Map<string | null, number>();
  private readonly users = new Map<string | null, number>();
  private readonly commands = new Map<string | null, number>();
  private readonly objects = new Map<string | null, number>();
  private readonly hours = new Map<string | null, number>();

  add(record: LogRecord): void {
    this.records += 1;
    this.widen(record.time, record.time);
    count(this.kinds, record.kind, 1);
    count(this.classes, record.class, 1);
    count(this.users, record.user_name, 1);
    count(this.commands, record.command, 1);
    count(this.objects, record.object_name, 1);
    count(this.hours, record.time.slice(0, "2026-11-22T17".length), 1);
  }

  /** Adds what another summary has counted. */
  addPart(part: SummaryPart): void {
    this.records += part.records;
    this.widen(part.first, part.last);
    const counts = this.part().counts;
    for (const group of SUMMARY_GROUPS) {
      const into = counts[group] as Map<string | null, number>;
      for (const [value, records] of part.counts[group]) count(into, value, records);
    }
  }

  part(): SummaryPart {
    return {
      records: this.records,
      first: this.first,
      last: this.last,
      counts: {
        kind: this.kinds,
        class: this.classes,
        user: this.users,
        command: this.commands,
        object: this.objects,
        hour: this.hours,
      },
    };
  }

  /** A group's values, the most frequent first (hours: the oldest first); equal ones in the order of their names. */
  counts(group: SummaryGroup): Count[] {
    const counts = [...this.part().counts[group]].map(([value, records]) => ({ value, records }));
    const byName = (a: Count, b: Count) => compareText(a.value ?? "", b.value ?? "");
    return counts.sort(group === "hour" ? byName : (a, b) => b.records - a.records || byName(a, b));
  }

  private widen(first: string | null, last: string | null): void {
    if (first !== null && (this.first === null || first < this.first)) this.first = first;
    if (last !== null && (this.last === null || last > this.last)) this.last = last;
  }
}

function count(counts: Map<string | null, number>, value: string | null, records: number): void {
  counts.set(value, (counts.get(value) ?? 0) + records);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
