import type { LogRecord } from "../record";
import { COMPARED_GROUPS, type ComparedGroup, Side, type Span } from "./side";

/** In the order of the output. `more` and `less` are much more and much less. */
export const CHANGES = ["new", "gone", "more", "less"] as const;
export type ChangeKind = (typeof CHANGES)[number];

export interface Change {
  readonly group: ComparedGroup;
  /** One name or two, as the group says; null: records without a name. */
  readonly names: readonly (string | null)[];
  readonly kind: ChangeKind;
  /** Number of records. */
  readonly before: number;
  readonly after: number;
  /** After divided by before, per hour if the ranges of time differ in length; null if before is 0. */
  readonly ratio: number | null;
}

/** Much more: at least this many times as many records, */
const MUCH_RATIO = 3;
/** and at least this many records more. */
const MUCH_RECORDS = 10;

export interface ComparedRanges {
  readonly before: Span;
  readonly after: Span;
}

/** Two sides, and what differs between them. */
export class Comparison {
  readonly before: Side;
  readonly after: Side;

  /**
   * @param names of the sides, for people
   * @param ranges if the sides are ranges of time of one trail
   */
  constructor(
    names: Readonly<Record<"before" | "after", string>>,
    private readonly ranges?: ComparedRanges,
  ) {
    this.before = new Side(names.before, ranges?.before);
    this.after = new Side(names.after, ranges?.after);
  }

  /**
   * Adds a record to the sides in whose range of time it is.
   * @returns whether it is in one
   */
  addByTime(record: LogRecord): boolean {
    const sides = [this.before, this.after].filter((side) => side.contains(record));
    for (const side of sides) side.add(record);
    return sides.length > 0;
  }

  /** The factor by which counts of `before` are multiplied before they are compared: 1 for two places. */
  get scale(): number {
    const { hours: before } = this.before;
    const { hours: after } = this.after;
    return before === null || after === null ? 1 : after / before;
  }

  /** By group, then by kind, then the largest differences first. */
  changes(): Change[] {
    return (Object.keys(COMPARED_GROUPS) as ComparedGroup[]).flatMap((group) => {
      const changes = this.changesOf(group);
      return CHANGES.flatMap((kind) => changes.filter((change) => change.kind === kind));
    });
  }

  private changesOf(group: ComparedGroup): Change[] {
    const changes: Change[] = [];
    const [before, after] = [this.before.counts(group), this.after.counts(group)];
    for (const [key, { names, records }] of before) {
      changes.push(...this.change(group, names, records, after.get(key)?.records ?? 0));
    }
    for (const [key, { names, records }] of after) {
      if (!before.has(key)) changes.push(...this.change(group, names, 0, records));
    }
    const difference = ({ before, after }: Change) => Math.abs(after - before * this.scale);
    return changes.sort((a, b) => difference(b) - difference(a) || byNames(a, b));
  }

  private change(
    group: ComparedGroup,
    names: Change["names"],
    before: number,
    after: number,
  ): Change[] {
    const kind = changeOf(before * this.scale, after);
    if (!kind) return [];
    const ratio = before === 0 ? null : after / (before * this.scale);
    return [{ group, names, kind, before, after, ratio }];
  }
}

/** @param expected number of records after if nothing had changed */
function changeOf(expected: number, after: number): ChangeKind | undefined {
  if (expected === 0) return "new";
  if (after === 0) return "gone";
  if (Math.abs(after - expected) < MUCH_RECORDS) return undefined;
  if (after >= expected * MUCH_RATIO) return "more";
  if (expected >= after * MUCH_RATIO) return "less";
  return undefined;
}

function byNames(a: Change, b: Change): number {
  const [first, second] = [JSON.stringify(a.names), JSON.stringify(b.names)];
  return first < second ? -1 : first > second ? 1 : 0;
}
