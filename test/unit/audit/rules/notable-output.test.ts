import type { Finding } from "../../../../audit/rules/finding";
import { NotableOutput } from "../../../../audit/rules/notable-output";
import { Notables } from "../../../../audit/rules/notables";
import { CapturedStream } from "../output/captured-stream";

const FINDING: Finding = {
  time: "2026-11-22T17:51:17.034Z",
  last_time: null,
  level: "high",
  rule: "Table dropped",
  rule_id: "1",
  count: 1,
  server: null,
  user_name: "alice\x1b[2J",
  database_name: "shop",
  client: "10.1.2.3",
  command: "DROP TABLE",
  object_name: "public.orders",
  text: `DROP TABLE\n  orders /* ${"long ".repeat(40)} */`,
  file: "PT1H.json",
  file_offset: 0,
};

async function table(columns: number, outputZone?: string): Promise<string[]> {
  const stdout = new CapturedStream(columns);
  const notables = new Notables({ source: { documents: [], lists: {} } });
  const output = new NotableOutput({ format: "table", stdout, notables, outputZone });
  notables.addFinding(FINDING);
  await output.end();
  return stdout.lines.map((line) => line.replace(/\x1b\[\d+m/g, ""));
}

test("the table shows time, level, rule, user, object and text in the terminal's width", async () => {
  const [heading, line] = await table(160);
  expect(heading).toMatch(/^time \(UTC\) +level +rule +user +object +statement or message$/);
  expect(line).toMatch(
    /^2026-11-22 17:51:17 {2}high {6}Table dropped +alice\\x1b\[2J +public\.orders +DROP TABLE orders \/\* long .*…$/,
  );
  expect(line).toHaveLength(160);
});

test("times are in the zone of the output", async () => {
  const [heading, line] = await table(160, "Asia/Tokyo");
  expect(heading).toMatch(/^time \(Asia\/Tokyo\) /);
  expect(line).toMatch(/^2026-11-23 02:51:17 /);
});

test("a narrow table has fewer columns", async () => {
  expect((await table(100))[0]).not.toMatch(/object/);
  expect((await table(100))[0]).toMatch(/user/);
  expect((await table(80))[0]).not.toMatch(/user/);
  expect((await table(80))[1]).toHaveLength(80);
});
