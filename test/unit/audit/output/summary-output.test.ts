import { type SummaryFormat, SummaryOutput } from "../../../../audit/output/summary-output";
import { type LogRecord } from "../../../../audit/record";
import { Summary } from "../../../../audit/output/summary";
import { logRecord } from "../records";
import { CapturedStream } from "./captured-stream";

async function summaryOf(
  format: SummaryFormat,
  records: readonly Partial<LogRecord>[],
  { stoppedEarly = false, timeZone }: { stoppedEarly?: boolean; timeZone?: string } = {},
): Promise<string[]> {
  const stream = new CapturedStream();
  const output = new SummaryOutput(format, stream, timeZone);
  for (const record of records) output.write(logRecord(record));
  await output.end({ stoppedEarly });
  return stream.lines;
}

const RECORDS = [
  ...Array.from({ length: 12 }, (_, index) => ({ user_name: `user${index}` })),
  { user_name: "app\x1b[2J" },
  { user_name: "app\x1b[2J", class: "DDL" },
  { user_name: null, time: "2026-11-22T18:00:00.000Z" },
];

test("the table shows the ten most frequent of a group, and what it leaves out", async () => {
  const lines = await summaryOf("table", RECORDS);
  expect(lines[0]).toBe("15 records, 2026-11-22 17:51:17 to 2026-11-22 18:00:00 UTC");
  const users = lines.slice(lines.indexOf("user") + 1, lines.indexOf("database") - 1);
  expect(users).toHaveLength(11);
  expect(users[0]).toMatch(/^ {2}app\\x1b\[2J {2}2 {2}█{24}$/);
  expect(users[1]).toMatch(/^ {2}\(none\) {6}1 {2}█{12}$/);
  expect(users[10]).toBe("  and 4 more, with 4 records");
});

test("of many hours the table shows the newest, the oldest of them first", async () => {
  const hours = Array.from({ length: 30 }, (_, index) => {
    const time = new Date(Date.UTC(2026, 10, 22, index));
    return { time: time.toISOString() };
  });
  const lines = await summaryOf("table", hours);
  const shown = lines.slice(lines.indexOf("hour") + 1);
  expect(shown[0]).toMatch(/^ {2}2026-11-22 06:00 {2}1 /);
  expect(shown[23]).toMatch(/^ {2}2026-11-23 05:00 {2}1 /);
  expect(shown[24]).toBe("  and 6 earlier, with 6 records");
});

test("the table's hours are in the given zone, those of json in UTC", async () => {
  const records = ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"].map((time) => ({
    time,
  }));
  const lines = await summaryOf("table", records, { timeZone: "Europe/Paris" });
  expect(lines[0]).toBe("2 records, 2026-10-25 02:30:00 to 2026-10-25 02:30:00 Europe/Paris");
  expect(lines.slice(lines.indexOf("hour") + 1).map((text) => text.slice(2, 25))).toEqual([
    "2026-10-25 02:00 +02:00",
    "2026-10-25 02:00 +01:00",
  ]);
  const [json = ""] = await summaryOf("json", records, { timeZone: "Europe/Paris" });
  expect(json).toContain('"2026-10-25T00"');
  const india = await summaryOf("table", records, { timeZone: "Asia/Kolkata" });
  expect(india).toContainEqual(expect.stringContaining("2026-10-25 05:30 +05:30"));
});

test("json and csv have all counts", async () => {
  const [json = ""] = await summaryOf("json", RECORDS);
  const whole = JSON.parse(json) as Record<string, unknown>;
  expect(Object.keys(whole)).toEqual([
    "records",
    "first",
    "last",
    "stopped_early",
    "kind",
    "class",
    "user",
    "database",
    "command",
    "object",
    "ambiguous",
    "hour",
  ]);
  expect(whole.records).toBe(15);
  expect(whole.user).toHaveLength(14);
  expect(whole.class).toEqual([
    { value: "READ", records: 14 },
    { value: "DDL", records: 1 },
  ]);
  const csv = await summaryOf("csv", RECORDS);
  expect(csv.slice(0, 3)).toEqual(["group,value,records\r", "kind,audit,15\r", "class,READ,14\r"]);
  expect(csv).toContain("user,,1\r");
});

test("ambiguous records are counted, and named only if there are some", async () => {
  expect(await summaryOf("table", RECORDS)).not.toContain("ambiguous");
  const lines = await summaryOf("table", [...RECORDS, { ambiguous: "names" }]);
  expect(lines[lines.indexOf("ambiguous") + 1]).toMatch(/^ {2}names {2}1 /);
});

test("what threads counted is added", async () => {
  const stream = new CapturedStream();
  const output = new SummaryOutput("json", stream);
  const part = new Summary();
  part.add(logRecord());
  output.share.add(part.part());
  output.share.add(part.part());
  await output.end({ stoppedEarly: false });
  expect(JSON.parse(stream.text)).toMatchObject({ records: 2 });
});

test("without records it says so", async () => {
  expect(await summaryOf("table", [])).toEqual(["No records."]);
});

test("after an early stop each format says that the counts are incomplete", async () => {
  const [title] = await summaryOf("table", RECORDS, { stoppedEarly: true });
  expect(title).toMatch(/^Incomplete, because the reading stopped early: 15 records, 2026-11-22 /);
  expect(await summaryOf("table", [], { stoppedEarly: true })).toEqual([
    "Incomplete, because the reading stopped early: no records.",
  ]);
  const [json = ""] = await summaryOf("json", RECORDS, { stoppedEarly: true });
  expect(JSON.parse(json)).toMatchObject({ records: 15, stopped_early: true });
  const [, row] = await summaryOf("csv", RECORDS, { stoppedEarly: true });
  expect(row).toBe("stopped_early,,15\r");
});
