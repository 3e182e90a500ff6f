import type { FieldName, LogRecord } from "../record";
import type { Finding } from "./finding";
import type { CorrelationRule, RecordRule } from "./rule-set";

/** What a correlation needs of the matching records, by group; plain data, for messages between threads. */
export type CorrelationEvents = ReadonlyMap<string, GroupEvents>;

interface GroupEvents {
  /** Values of the fields of `group-by`. */
  readonly group: readonly LogRecord[FieldName][];
  /** Milliseconds since 1970, in the order of the trail. */
  readonly times: number[];
  /** What is counted, if it isn't the records: values of a field, or ids of rules. */
  readonly marks: string[];
}

/** Collects the records of a correlation, and finds the times with many of them. */
export class Bursts {
  private groups = new Map<string, GroupEvents>();

  constructor(private readonly rule: CorrelationRule) {}

  /** @param matched one of the correlated rules */
  add(record: LogRecord, matched: RecordRule): void {
    const { type, groupBy, field } = this.rule.correlation;
    const counted = field === undefined ? null : record[field];
    if (type === "value_count" && counted === null) return;
    const events = this.groupOf(groupBy.map((name) => record[name]));
    events.times.push(Date.parse(record.time));
    if (type === "value_count") events.marks.push(String(counted));
    if (type === "temporal") events.marks.push(matched.id);
  }

  /** Returns what was collected, and forgets it. */
  take(): CorrelationEvents {
    const { groups } = this;
    this.groups = new Map();
    return groups;
  }

  /** Adds what another thread has collected. */
  addEvents(events: CorrelationEvents): void {
    for (const { group, times, marks } of events.values()) {
      const known = this.groupOf(group);
      for (const time of times) known.times.push(time);
      for (const mark of marks) known.marks.push(mark);
    }
  }

  /** One finding for each burst: times that are within the timespan of each other, as long as there are enough. */
  findings(): Finding[] {
    return [...this.groups.values()].flatMap((events) =>
      burstsOf(events, this.rule).map((burst) => this.finding(burst, events.group)),
    );
  }

  private groupOf(group: GroupEvents["group"]): GroupEvents {
    const key = JSON.stringify(group);
    let events = this.groups.get(key);
    if (!events) {
      events = { group, times: [], marks: [] };
      this.groups.set(key, events);
    }
    return events;
  }

  private finding({ first, last, count, different }: Burst, group: GroupEvents["group"]): Finding {
    const { id, title, level, correlation } = this.rule;
    const { groupBy, timespan, type, field } = correlation;
    const values = new Map(groupBy.map((name, index) => [name, group[index] ?? null]));
    const textOf = (name: FieldName) => {
      const value = values.get(name);
      return typeof value === "string" ? value : null;
    };
    const of = [...values]
      .filter(([name, value]) => name !== "server" || value !== null)
      .map(([name, value]) => `, ${name} ${String(value ?? "unknown")}`);
    const counted =
      type === "event_count"
        ? `${count} records`
        : `${count} records with ${different} different ${type === "temporal" ? "rules" : field}`;
    return {
      time: new Date(first).toISOString(),
      last_time: new Date(last).toISOString(),
      ...{ level, rule: title, rule_id: id, count },
      server: textOf("server"),
      user_name: textOf("user_name"),
      database_name: textOf("database_name"),
      client: textOf("client"),
      command: textOf("command"),
      object_name: textOf("object_name"),
      text: `${counted}, within ${timespan}${of.join("")}`,
      file: null,
      file_offset: null,
    };
  }
}

interface Burst {
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** Records. */
  readonly count: number;
  /** Different marks. */
  readonly different: number;
}

function burstsOf({ times, marks }: GroupEvents, { correlation }: CorrelationRule): Burst[] {
  const { least, timespanMilliseconds, type } = correlation;
  const order = times.map((_, index) => index).sort((a, b) => timeAt(a) - timeAt(b));
  const sorted = order.map((index) => ({ time: timeAt(index), mark: marks[index] ?? "" }));
  const window = new Counts();
  const ranges: { from: number; to: number }[] = [];
  let start = 0;
  for (const [end, { time, mark }] of sorted.entries()) {
    window.add(mark, 1);
    for (let oldest = sorted[start]; oldest && time - oldest.time > timespanMilliseconds;) {
      window.add(oldest.mark, -1);
      oldest = sorted[++start];
    }
    const size = type === "event_count" ? end + 1 - start : window.size;
    if (size < least) continue;
    const previous = ranges[ranges.length - 1];
    if (previous && start <= previous.to) previous.to = end;
    else ranges.push({ from: start, to: end });
  }
  return ranges.map(({ from, to }) => {
    const burst = sorted.slice(from, to + 1);
    return {
      first: sorted[from]?.time ?? 0,
      last: sorted[to]?.time ?? 0,
      count: burst.length,
      different: new Set(burst.map(({ mark }) => mark)).size,
    };
  });

  function timeAt(index: number): number {
    return times[index] ?? 0;
  }
}

/** The number of different marks in a window. */
class Counts {
  private readonly counts = new Map<string, number>();

  get size(): number {
    return this.counts.size;
  }

  add(mark: string, change: 1 | -1): void {
    const count = (this.counts.get(mark) ?? 0) + change;
    if (count === 0) this.counts.delete(mark);
    else this.counts.set(mark, count);
  }
}
