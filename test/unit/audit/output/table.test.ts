import pc from "picocolors";
import { TableOutput } from "../../../../audit/output/table";
import { textWidth } from "../../../../audit/output/terminal-text";
import { type LogRecord } from "../../../../audit/record";
import { logRecord } from "../records";
import { CapturedStream } from "./captured-stream";

async function tableOf(
  records: readonly Partial<LogRecord>[],
  { columns = 120, color = false } = {},
): Promise<string[]> {
  const stream = new CapturedStream(columns);
  const output = new TableOutput(stream, pc.createColors(color));
  for (const record of records) output.write(logRecord(record));
  await output.end();
  return stream.lines;
}

const line = async (record: Partial<LogRecord>, options = {}) =>
  (await tableOf([record], options))[2] ?? "";

test("a record is one line under the day's heading", async () => {
  expect(await tableOf([{ statement: "SELECT *\n  FROM orders" }])).toEqual([
    "time      class       user          command         object                  statement or message",
    "2026-11-22 (UTC)",
    "17:51:17  READ        app           SELECT          public.orders           SELECT * FROM orders",
  ]);
});

test("each day has a heading", async () => {
  const lines = await tableOf([{}, {}, { time: "2026-11-23T00:00:00.000Z" }]);
  expect(lines.filter((text) => text.endsWith("(UTC)"))).toEqual([
    "2026-11-22 (UTC)",
    "2026-11-23 (UTC)",
  ]);
});

test.each([40, 75, 80, 90, 110, 150, 250])(
  "no line is wider than a terminal of %d",
  async (columns) => {
    const record = {
      statement: `SELECT '客户${"\x1b[2J".repeat(99)}' ${"x".repeat(5000)}`,
      user_name: "nobody-has-a-name-as-long-as-this",
      object_name: "public.客户客户客户客户客户客户客户客户客户客户客户客户客户",
    };
    const lines = await tableOf([record], { columns });
    for (const text of lines) expect(textWidth(text)).toBeLessThanOrEqual(Math.max(columns, 54));
    expect(textWidth(lines[2] ?? "")).toBeGreaterThan(columns - 2);
  },
);

test("the window's new size counts for the next line", async () => {
  const stream = new CapturedStream(150);
  const output = new TableOutput(stream, pc.createColors(false));
  const long = logRecord({ statement: "x".repeat(500) });
  output.write(long);
  stream.columns = 100;
  output.write(long);
  await output.end();
  expect(stream.lines.slice(2).map(textWidth)).toEqual([150, 100]);
});

test("a line is written when its record was, without waiting for others", async () => {
  const stream = new CapturedStream(120);
  const output = new TableOutput(stream, pc.createColors(false));
  output.write(logRecord());
  await output.drain();
  expect(stream.lines).toHaveLength(3);
});

test("nothing of a record reaches the terminal as an escape sequence", async () => {
  const evil = "\x1b]0;title\x07";
  const text = (
    await tableOf(
      [
        { user_name: evil, database_name: evil, object_name: evil, command: evil, class: evil },
        { kind: "error", class: null, statement: null, message: evil, detail: evil },
      ],
      { columns: 250 },
    )
  ).join("\n");
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  expect(text).toContain("\\x1b]0;title\\x07  (\\x1b]0;title\\x07)");
});

test("what isn't pgAudit's shows its severity or kind, and its message", async () => {
  const other = { class: null, command: null, object_name: null, statement: null };
  expect(
    await line({
      ...other,
      kind: "error",
      error_severity: "FATAL",
      message: "no way",
      detail: "d",
    }),
  ).toMatch(/^17:51:17 {2}FATAL {7}app .* no way {2}\(d\)$/);
  expect(await line({ ...other, kind: "connection", message: "connection received" })).toMatch(
    /^17:51:17 {2}connection {2}app .* connection received$/,
  );
  const slow = { ...other, kind: "statement", statement: "SELECT 1", duration_ms: 12.5 } as const;
  expect(await line(slow)).toMatch(/ 12\.5 ms {2}SELECT 1$/);
});

test("parameters follow the statement, and an omitted statement says why", async () => {
  expect(await line({ statement: "SELECT $1", parameters: ["7", "a\nb"] })).toMatch(
    / SELECT \$1 {2}\[7, a b\]$/,
  );
  expect(await line({ statement: null, statement_omitted: "previously logged" })).toMatch(
    / <previously logged>$/,
  );
});

test("classes and errors have colours", async () => {
  const red = "\x1b[31m";
  expect(await line({ kind: "error", error_severity: "ERROR" }, { color: true })).toContain(red);
  const seen = await Promise.all(
    ["READ", "WRITE", "FUNCTION", "DDL", "ROLE", "MISC"].map((name) =>
      line({ class: name }, { color: true }),
    ),
  );
  const colors = seen.map((text) => /((?:\x1b\[\d+m)+)[A-Z]/.exec(text)?.[1]);
  expect(new Set(colors).size).toBe(6);
  expect(colors).not.toContain(red);
});

test.each([75, 80, 90, 100])("a terminal of %d shows the object", async (columns) => {
  const [heading = "", , text = ""] = await tableOf([{ statement: "SELECT 1" }], { columns });
  const at = heading.indexOf("object");
  expect(text.slice(at, at + 15)).toBe("public.orders  ");
  expect(text).toMatch(/SELECT 1$/);
});

async function timesIn(zone: string, times: readonly string[]): Promise<string[]> {
  const stream = new CapturedStream(120);
  const output = new TableOutput(stream, pc.createColors(false), zone);
  for (const time of times) output.write(logRecord({ time }));
  await output.end();
  return stream.lines.slice(1).map((text) => text.replace(/ {2}READ.*/, ""));
}

test("times are in the zone that the headings name", async () => {
  const times = ["2026-11-22T18:29:59.999Z", "2026-11-22T18:30:00.000Z"];
  expect(await timesIn("Asia/Kolkata", times)).toEqual([
    "2026-11-22 (Asia/Kolkata, UTC+05:30)",
    "23:59:59",
    "2026-11-23 (Asia/Kolkata, UTC+05:30)",
    "00:00:00",
  ]);
  expect(await timesIn("America/St_Johns", [times[0] ?? ""])).toEqual([
    "2026-11-22 (America/St_Johns, UTC-03:30)",
    "14:59:59",
  ]);
});

test("an hour that occurs twice has two headings", async () => {
  expect(
    await timesIn("Europe/Paris", ["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]),
  ).toEqual([
    "2026-10-25 (Europe/Paris, UTC+02:00)",
    "02:30:00",
    "2026-10-25 (Europe/Paris, UTC+01:00)",
    "02:30:00",
  ]);
});
