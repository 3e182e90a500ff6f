import { Comparison } from "../../../../audit/compare/comparison";
import { comparisonText } from "../../../../audit/compare/write-comparison";
import { textWidth } from "../../../../audit/output/terminal-text";
import { type LogRecord } from "../../../../audit/record";
import { logRecord } from "../records";

function comparison(): Comparison {
  const whole = new Comparison({ before: "monday", after: "tues\x1b[2Jday" });
  const add = (side: "before" | "after", count: number, fields: Partial<LogRecord>) => {
    for (let index = 0; index < count; index += 1) whole[side].add(logRecord(fields));
  };
  add("before", 200, {});
  add("after", 200, {});
  add("after", 1, { user_name: "mallory\x1b[2J", command: "DROP TABLE", object_name: "hr,x" });
  add("before", 100, { user_name: "etl" });
  add("after", 4, { user_name: "etl" });
  add("before", 2, { user_name: "bob" });
  add("after", 3, { ambiguous: "names", time: "2026-11-23T00:00:00.000Z" });
  return whole;
}

test("the table shows both sides and each change, and sends no escape sequence", () => {
  const lines = comparisonText(comparison(), "table").split("\n");
  expect(lines.slice(0, 10)).toEqual([
    "before  monday: 302 records, 2026-11-22 17:51 to 2026-11-22 17:51 UTC",
    "after   tues\\x1b[2Jday: 205 records, 2026-11-22 17:51 to 2026-11-23 00:00 UTC",
    "Not compared are ambiguous records, whose names are uncertain: 0 before, 3 after.",
    "",
    "user                    before   after",
    "  new   mallory\\x1b[2J       0       1",
    "  gone  bob                  2       0",
    "  less  etl                100       4  ÷ 25",
    "",
    "user and command                    before   after",
  ]);
  expect(lines.slice(-3)).toEqual([
    "",
    "nothing new, gone, much more or much less: client; database",
    "",
  ]);
});

test("the table fits the terminal, and counts the changes that it doesn't show", () => {
  const many = new Comparison({ before: "a", after: "b" });
  for (let index = 0; index < 25; index += 1) {
    const names = { user_name: `user${index}`, object_name: `public.${"客".repeat(99)}${index}` };
    many.after.add(logRecord(names));
  }
  const lines = comparisonText(many, "table", 80).split("\n");
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  const users = lines.filter((line) => /^ {2}new {3}user\d+ +0 /.test(line));
  expect(users).toHaveLength(10);
  expect(lines.filter((line) => line === "        and 15 more")).toHaveLength(3);
});

test("json and csv have all changes with the same fields", () => {
  const json = JSON.parse(comparisonText(comparison(), "json")) as Record<string, unknown> & {
    changes: Record<string, unknown>[];
  };
  expect(json).toMatchObject({
    before: { name: "monday", since: null, hours: null, records: 302, ambiguous: 0 },
    after: { records: 205, ambiguous: 3, last: "2026-11-23T00:00:00.000Z" },
  });
  const empty = { client: null, database: null, command: null, object: null };
  expect(json.changes).toHaveLength(9);
  expect(json.changes[2]).toEqual({
    ...{ change: "less", group: "user", user: "etl", ...empty },
    ...{ before: 100, after: 4, ratio: 0.04 },
  });
  const csv = comparisonText(comparison(), "csv").split("\r\n");
  expect(csv[0]).toBe(Object.keys(json.changes[0] ?? {}).join(","));
  expect(csv).toHaveLength(11);
  expect(csv).toContain('new,user_object,mallory\x1b[2J,,,,"hr,x",0,1,');
});

test("the table says that counts are compared per hour if the ranges differ in length", () => {
  const range = (since: string, until: string) => ({
    since: new Date(`${since}Z`),
    until: new Date(`${until}Z`),
  });
  const days = new Comparison(
    { before: "yesterday", after: "today" },
    {
      before: range("2026-11-21T00:00", "2026-11-22T00:00"),
      after: range("2026-11-22T00:00", "2026-11-22T15:30"),
    },
  );
  const lines = comparisonText(days, "table").split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "before  yesterday: 0 records, 2026-11-21 00:00 to 2026-11-22 00:00 UTC",
    "after   today: 0 records, 2026-11-22 00:00 to 2026-11-22 15:30 UTC",
    "The ranges differ in length (24 and 15.5 hours), so counts are compared per hour.",
  ]);
});
