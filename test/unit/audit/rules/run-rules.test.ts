import * as fs from "node:fs";
import * as path from "node:path";
import { EXIT, runAudit } from "../../../../audit/run";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";
import { CapturedStream } from "../output/captured-stream";
import { NOTABLE_LOG, ruleText } from "./rules";

const folder = tempFolder();

async function run(...argv: string[]) {
  const stdout = new CapturedStream();
  const notices: string[] = [];
  const status = await runAudit(argv, {
    ...{ program: "pg-audit", env: {}, stdout },
    notify: (line) => notices.push(line),
    signal: new AbortController().signal,
  });
  return { status, notices, text: stdout.text, lines: stdout.lines };
}

function trail(...lines: string[]): string {
  const file = path.join(folder(), "PT1H.json");
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

const drop = azureLine({ message: auditMessage("DDL", "DROP TABLE", "DROP TABLE orders") });
const select = azureLine({ message: auditMessage("READ", "SELECT", "SELECT 1") });

test("--notable lists findings as JSON with all of their fields", async () => {
  const { status, lines, notices } = await run("--notable", trail(select, drop));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      time: "2026-11-22T17:51:17.034Z",
      last_time: null,
      level: "high",
      rule: "Table, schema or database dropped or truncated",
      rule_id: expect.stringMatching(/^[\da-f-]{36}$/) as unknown,
      count: 1,
      server: "pg1",
      user_name: "app",
      database_name: "shop",
      client: "10.1.2.3",
      command: "DROP TABLE",
      object_name: "public.orders",
      text: "DROP TABLE orders",
      file: expect.stringMatching(/PT1H\.json$/) as unknown,
      file_offset: Buffer.byteLength(select) + 1,
    },
  ]);
  expect(notices).toEqual(["audit: 2 records", "audit: 1 notable: 1 high"]);
  expect(status).toBe(EXIT.success);
});

test("--notable says that there is nothing", async () => {
  const { text, notices } = await run("--notable", trail(select));
  expect(text).toBe("");
  expect(notices[1]).toMatch(/^audit: nothing notable, by \d\d rules$/);
});

test("--fail-on sets the exit status from its level on, with any output", async () => {
  const file = trail(select, drop);
  expect(await run("--fail-on", "high", "--format", "raw", file)).toMatchObject({
    status: EXIT.notable,
    text: `${select}\n${drop}\n`,
  });
  expect((await run("--fail-on", "low", "--summary", file)).status).toBe(EXIT.notable);
  expect((await run("--fail-on", "critical", "--notable", file)).status).toBe(EXIT.success);
  const query = ["--sql", "select count(*) from audit"];
  expect((await run("--fail-on", "medium", ...query, file)).status).toBe(EXIT.notable);
});

test("of the exit statuses, 3 is more than 2", async () => {
  const file = trail(drop, '{"cut');
  expect((await run("--fail-on", "critical", file)).status).toBe(EXIT.doubtful);
  const { status, notices } = await run("--fail-on", "high", file);
  expect(status).toBe(EXIT.notable);
  expect(notices.join("\n")).toMatch(/1 broken line/);
});

test("filters select the records to which rules are applied", async () => {
  const file = trail(select, drop);
  expect((await run("--notable", "--class", "READ", file)).text).toBe("");
});

test("--rules adds rules", async () => {
  const rules = path.join(folder(), "rules");
  fs.mkdirSync(rules);
  const rule = ruleText("selection:\n    statement: SELECT 1\ncondition: selection");
  fs.writeFileSync(path.join(rules, "mine.yml"), rule);
  const { text } = await run("--notable", "--format", "csv", "--rules", rules, trail(select, drop));
  expect(text.split("\r\n").map((line) => line.split(",")[3])).toEqual([
    "rule",
    "A rule",
    '"Table',
    undefined,
  ]);
});

test("--known finds each new user once, and isn't written if the trail wasn't read whole", async () => {
  const known = path.join(folder(), "known.json");
  const options = ["--notable", "--known", known, "--format", "csv"];
  const file = trail(select);
  const first = await run(...options, file);
  expect(first.text).not.toContain("First sight");
  expect(first.notices).toContainEqual(expect.stringMatching(/known\.json is written; the next/));
  const eve = trail(
    select,
    azureLine({ message: "x", user: "eve" }),
    select.replace("user-app", "user-eve"),
  );
  const before = fs.readFileSync(known);
  await expect(run(...options, eve, "/nowhere")).rejects.toThrow();
  expect(fs.readFileSync(known)).toEqual(before);
  expect((await run(...options, eve)).text).toMatch(/medium,First sight of a user,.*,eve,/);
  expect((await run(...options, eve)).text).not.toContain("First sight");
});

describe("--summary begins with what was found", () => {
  test("as a table", async () => {
    const { lines } = await run("--summary", "--format", "table", trail(select, drop));
    expect(lines[0]).toMatch(/^2 records/);
    expect(lines[2]).toBe("notable");
    expect(lines[3]).toMatch(
      /^ {2}high +Table, schema or database dropped or truncated +1 {2}2026-11-22 17:51$/,
    );
  });

  test("or says that there is nothing", async () => {
    const { lines } = await run("--summary", "--format", "table", trail(select));
    expect(lines[3]).toMatch(/^ {2}no findings of \d\d rules$/);
  });

  test("as JSON and CSV", async () => {
    const file = trail(select, drop, drop);
    const json = JSON.parse((await run("--summary", file)).text) as Record<string, unknown>;
    expect(Object.keys(json)[0]).toBe("notable");
    expect(json.notable).toMatchObject([
      { level: "high", count: 2, first: "2026-11-22T17:51:17.034Z" },
    ]);
    expect((await run("--summary", "--format", "csv", file)).lines[1]).toBe(
      'notable,"Table, schema or database dropped or truncated",2\r',
    );
  });

  test("the same with several threads", async () => {
    const text = fs.readFileSync(NOTABLE_LOG, "utf8");
    const file = path.join(folder(), "trail.json");
    // More than one task of a thread; the failed logins are at the end of each copy.
    fs.writeFileSync(file, text.repeat(Math.ceil((9 * 1024 ** 2) / text.length)));
    const known = path.join(folder(), "known.json");
    fs.writeFileSync(known, '{"users":[],"clients":[]}');
    const summary = async (threads: string) => {
      fs.copyFileSync(known, `${known}.${threads}`);
      const options = ["--known", `${known}.${threads}`, "--threads", threads, "--system"];
      const { text: found } = await run("--summary", ...options, file);
      return (JSON.parse(found) as { notable: unknown }).notable;
    };
    const one = await summary("1");
    expect(one).toContainEqual(expect.objectContaining({ title: "Many failed logins of a user" }));
    expect(one).toContainEqual(expect.objectContaining({ title: "First sight of a user" }));
    expect(await summary("2")).toEqual(one);
    const all = ["1", "2"].map((threads) => fs.readFileSync(`${known}.${threads}`, "utf8"));
    expect(all[1]).toBe(all[0]);
    expect(all[0]).toContain("carol");
  });
});
