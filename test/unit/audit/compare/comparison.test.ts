import { Comparison } from "../../../../audit/compare/comparison";
import { type LogRecord } from "../../../../audit/record";
import { logRecord } from "../records";

type Counts = Readonly<Record<string, number>>;

/** A comparison of records, each user's so many times. */
function comparisonOf(before: Counts, after: Counts, hoursAfter = 24): Comparison {
  const since = new Date("2026-11-21T00:00Z");
  const until = new Date("2026-11-22T00:00Z");
  const end = new Date(until.getTime() + hoursAfter * 3_600_000);
  const ranges = { before: { since, until }, after: { since: until, until: end } };
  const comparison = new Comparison({ before: "before", after: "after" }, ranges);
  const add = (counts: Counts, time: string) => {
    for (const [user, count] of Object.entries(counts)) {
      for (let index = 0; index < count; index += 1) {
        comparison.addByTime(logRecord({ time, user_name: user, command: `${user}'s` }));
      }
    }
  };
  add(before, "2026-11-21T12:00:00.000Z");
  add(after, "2026-11-22T00:00:00.000Z");
  return comparison;
}

const usersOf = (comparison: Comparison) =>
  comparison
    .changes()
    .filter(({ group }) => group === "user")
    .map(({ names, kind }) => [...names, kind]);

describe("what differs", () => {
  test.each([
    ["new, however few", 0, 1, "new"],
    ["gone, however few", 1, 0, "gone"],
    ["three times as many, and ten more", 5, 15, "more"],
    ["three times as many, but not ten more", 4, 13, undefined],
    ["ten more, but not three times as many", 10, 29, undefined],
    ["a third, and ten less", 15, 5, "less"],
    ["a third, but not ten less", 13, 4, undefined],
    ["the same", 7, 7, undefined],
  ])("%s: %d and then %d", (_what, before, after, kind) => {
    const changes = usersOf(comparisonOf({ app: before }, { app: after }));
    expect(changes).toEqual(kind === undefined ? [] : [["app", kind]]);
  });

  test("is found per hour if the ranges differ in length", () => {
    // In a quarter of the time, a quarter of the records is no change.
    expect(usersOf(comparisonOf({ app: 400 }, { app: 100 }, 6))).toEqual([]);
    const [change] = comparisonOf({ app: 40 }, { app: 40 }, 6).changes();
    expect(change).toMatchObject({ kind: "more", before: 40, after: 40, ratio: 4 });
  });

  test("is in the order of kinds, and the largest differences first", () => {
    const before = { gone: 5, less: 90, least: 900, same: 50 };
    const after = { less: 9, least: 9, same: 51, new: 1, newest: 70 };
    expect(usersOf(comparisonOf(before, after))).toEqual([
      ["newest", "new"],
      ["new", "new"],
      ["gone", "gone"],
      ["least", "less"],
      ["less", "less"],
    ]);
  });
});

describe("the groups", () => {
  const changesOf = (record: Partial<LogRecord>) => {
    const comparison = new Comparison({ before: "a", after: "b" });
    comparison.after.add(logRecord(record));
    return comparison.changes().map(({ group, names }) => [group, ...names]);
  };

  test("are users, clients, databases, and users with their commands and objects", () => {
    expect(changesOf({})).toEqual([
      ["user", "app"],
      ["client", "10.1.2.3"],
      ["database", "shop"],
      ["user_command", "app", "SELECT"],
      ["user_object", "app", "public.orders"],
    ]);
  });

  test("contain records without a name, but no pairs without a command or object", () => {
    const nameless = { user_name: null, client: null, command: null, object_name: null };
    expect(changesOf(nameless)).toEqual([
      ["user", null],
      ["client", null],
      ["database", "shop"],
    ]);
  });

  test("don't contain ambiguous records, which are counted apart", () => {
    const comparison = new Comparison({ before: "a", after: "b" });
    comparison.after.add(logRecord({ ambiguous: "names" }));
    expect(comparison.changes()).toEqual([]);
    expect(comparison.after).toMatchObject({ records: 0, ambiguous: 1 });
  });
});

test("a range contains its start, and not its end", () => {
  const comparison = comparisonOf({}, {});
  const add = (time: string) => comparison.addByTime(logRecord({ time }));
  expect(add("2026-11-20T23:59:59.999Z")).toBe(false);
  expect(add("2026-11-21T00:00:00.000Z")).toBe(true);
  expect(add("2026-11-22T00:00:00.000Z")).toBe(true);
  expect(add("2026-11-23T00:00:00.000Z")).toBe(false);
  expect([comparison.before.records, comparison.after.records]).toEqual([1, 1]);
});
