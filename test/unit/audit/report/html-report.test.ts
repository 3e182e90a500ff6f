import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { UserError } from "../../../../common/user-error";
import { newTally } from "../../../../audit/output/tally";
import { HtmlReport } from "../../../../audit/report/html-report";
import { type ReportData } from "../../../../audit/report/report-data";
import { logRecord } from "../records";

let folder = "";
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "report-"))));
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const file = () => path.join(folder, "report.html");

async function report(
  records: ReturnType<typeof logRecord>[],
  options: Partial<ConstructorParameters<typeof HtmlReport>[0]> = {},
): Promise<string> {
  const output = new HtmlReport({ file: file(), ...options });
  for (const record of records) output.write(record);
  await output.end({ ...newTally(), shown: records.length });
  return fs.readFileSync(file(), "utf8");
}

function dataOf(page: string): ReportData {
  const [, data = ""] = /id="report-data">([^<]*)</.exec(page) ?? [];
  return JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString()) as ReportData;
}

describe("the HTML report", () => {
  test("is for its owner alone, and with --force replaces an older one whole", async () => {
    fs.writeFileSync(file(), "old", { mode: 0o644 });
    expect(() => new HtmlReport({ file: file() })).toThrow(/exists; add --force to replace it/);
    await report([logRecord()], { force: true });
    expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(folder)).toEqual(["report.html"]);
  });

  test("names the servers, the range of time, and its creation time", async () => {
    const now = () => new Date("2026-11-23T09:00:00Z");
    const records = [
      logRecord({ time: "2026-11-22T08:00:00.000Z", server: "pgflex-b" }),
      logRecord({ time: "2026-11-21T07:00:00.000Z", server: "pgflex-a" }),
    ];
    const text = (await report(records, { now })).replace(/<style>.*?<\/style>|<[^>]*>/gs, "");
    expect(text).toContain("Audit trail of pgflex-a, pgflex-b, 2026-11-21 to 2026-11-22");
    expect(text).toContain("2026-11-21 07:00:00 to 2026-11-22 08:00:00 UTC");
    expect(text).toContain("created 2026-11-23 09:00:00 UTC");
  });

  test("contains no markup from the trail, and forbids other scripts and styles", async () => {
    const hostile = `</script><img src=x onerror="alert(1)">`;
    const page = await report([logRecord({ server: hostile, statement: hostile })]);
    expect(page).not.toContain("<img");
    expect(page).toMatch(
      /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+';/,
    );
    expect(dataOf(page).columns.statement).toEqual({ values: [hostile] });
  });

  test("counts all records in its charts if the table contains the newest only, and says so", async () => {
    const records = [1, 2, 3, 4, 5].map((day) =>
      logRecord({ time: `2026-11-0${day}T00:00:00.000Z`, user_name: `user${day}` }),
    );
    const page = await report(records, { limits: { records: 2, characters: 1e6 } });
    const { rows, records: counted, top, columns } = dataOf(page);
    expect({ rows, counted, users: top.user.shown.length }).toEqual({
      rows: 2,
      counted: 5,
      users: 5,
    });
    expect(columns.user_name).toEqual({ values: ["user4", "user5"] });
    expect(page).toContain("The charts count all 5 records until a filter is chosen.");
  });

  test("counts users apart from sessions that have no user yet", async () => {
    const users = ["app", "[unknown]", null, "app"];
    const page = await report(users.map((name) => logRecord({ user_name: name })));
    expect(page).toMatch(/id="figure-users">1</);
  });

  test("opens the list of many servers", async () => {
    const servers = ["e", "d", "c", "b", "a"];
    const page = await report(servers.map((server) => logRecord({ server })));
    expect(page).toMatch(/<summary><strong>a, b, c<\/strong> and 2 more<\/summary>[^]*<li>e<\/li>/);
  });

  test("lists 1,000 values of a chart, and counts the others", async () => {
    const records = Array.from({ length: 1003 }, (_, index) =>
      logRecord({ object_name: `public.t${index}` }),
    );
    const { object } = dataOf(await report([...records, ...records.slice(500)])).top;
    expect(object.shown).toHaveLength(1000);
    expect(object.shown[0]).toEqual({ value: "public.t1000", records: 2 });
    expect(object).toMatchObject({ otherValues: 3, otherRecords: 3 });
  });

  test("isn't written after Ctrl-C, because it would be incomplete", async () => {
    const output = new HtmlReport({ file: file(), signal: AbortSignal.abort() });
    output.write(logRecord());
    await output.end(newTally());
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test("refuses at once a place where it can't be written", () => {
    const nowhere = path.join(folder, "missing", "report.html");
    expect(() => new HtmlReport({ file: nowhere })).toThrow(/there is no folder .*missing/);
    expect(() => new HtmlReport({ file: folder })).toThrow(UserError);
  });

  test("carries the licences of the libraries in it", async () => {
    const page = await report([]);
    expect(page).toMatch(/chart\.js\s+The MIT License \(MIT\)/);
    expect(page).toMatch(/@kurkle\/color\s+The MIT License \(MIT\)/);
  });
});
