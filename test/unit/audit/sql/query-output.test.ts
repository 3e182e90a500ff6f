import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DuckDBPreparedStatement } from "@duckdb/node-api";
import { pollUntil } from "../../../../common/poll";
import { UserError } from "../../../../common/user-error";
import { loadDuckDb } from "../../../../audit/sql/audit-table";
import { QueryOutput } from "../../../../audit/sql/query-output";
import { type ResultFormat } from "../../../../audit/sql/result-writers";
import { FIELDS, type LogRecord } from "../../../../audit/record";
import { ENCODERS } from "../../../../audit/output/encoded-output";
import { textWidth } from "../../../../audit/output/terminal-text";
import { logRecord } from "../records";
import { CapturedStream } from "../output/captured-stream";

interface Asking {
  readonly records?: readonly Partial<LogRecord>[];
  readonly format?: ResultFormat;
  readonly columns?: number;
  readonly signal?: AbortSignal;
}

async function ask(query: string, asking: Asking = {}): Promise<string[]> {
  const { records = [{}], format = "json", columns, signal } = asking;
  const stream = new CapturedStream(columns);
  const output = new QueryOutput({
    query,
    format,
    stream,
    signal: signal ?? new AbortController().signal,
  });
  for (const record of records) output.write(logRecord(record));
  await output.drain();
  await output.end();
  return stream.lines;
}

const askJson = async (query: string, asking?: Asking) =>
  (await ask(query, asking)).map((line) => JSON.parse(line) as Record<string, unknown>);

test("the table has every field, with the value and the type that the record has", async () => {
  const record = logRecord({
    parameters: ["1", "é\0", ""],
    file_offset: 5_000_000_000,
    duration_ms: 1.25,
    statement: "x".repeat(1024 ** 2),
  });
  const [row = {}] = await askJson("select * from audit", { records: [record] });
  expect(row).toEqual({ ...record, time: "2026-11-22 17:51:17.034" });
  expect(Object.keys(row)).toEqual(Object.keys(FIELDS));
});

test("people are who signed in as a group of Microsoft Entra, by the first such line of a session", async () => {
  const line = (session_id: string, session_line_num: number, message: string) => ({
    ...({ kind: "log", audit_type: null, user_name: "DBA Group" } as const),
    ...{ session_id, session_line_num, message },
  });
  const signIn = "Microsoft Entra ID connection authorized: ";
  const oid = "11111111-2222-4333-8444-555555555555";
  const records = [
    line("a.1", 9, `${signIn}UPN=forged@contoso.com oid=0`),
    line("a.1", 3, `${signIn}user=DBA Group UPN=ann@contoso.com, oid=${oid}`),
    line("b.2", 2, `${signIn}appid=22222222-2222-4333-8444-555555555555oid=${oid} tid=1`),
    line("c.3", 1, "connection authorized: user=app"),
    { session_id: "a.1", user_name: "DBA Group", statement: "DROP TABLE t" },
  ];
  const query =
    "select person, object_id, statement from audit join people using (session_id) where kind = 'audit'";
  expect(await askJson(query, { records })).toEqual([
    { person: "ann@contoso.com", object_id: oid, statement: "DROP TABLE t" },
  ]);
  expect(await askJson("select session_id, person from people order by 1", { records })).toEqual([
    { session_id: "a.1", person: "ann@contoso.com" },
    { session_id: "b.2", person: "22222222-2222-4333-8444-555555555555" },
  ]);
});

test("all records count, over DuckDB's batches", async () => {
  const records = Array.from({ length: 5000 }, (_, index) => ({
    class: index % 5 === 0 ? "WRITE" : "READ",
    file_offset: index,
  }));
  const query =
    "select class, count(*) as records, max(file_offset) from audit group by 1 order by 1";
  expect(await askJson(query, { records })).toEqual([
    { class: "READ", records: 4000, "max(file_offset)": 4999 },
    { class: "WRITE", records: 1000, "max(file_offset)": 4995 },
  ]);
});

test("rows that threads encoded are part of the table, in the order in which they come", async () => {
  const stream = new CapturedStream();
  const { signal } = new AbortController();
  const output = new QueryOutput({
    query: "select rows from audit",
    format: "json",
    stream,
    signal,
  });
  const { share } = output;
  if (share.kind !== "encoded") throw new Error("threads can't encode");
  const encoder = ENCODERS[share.format];
  const bytes = [1, 2, 3].map((rows) =>
    Buffer.from(encoder.encode(logRecord({ rows }), Buffer.alloc(0))),
  );
  await Promise.all(bytes.map((piece) => share.writeEncoded(piece)));
  await output.end();
  expect(stream.lines).toEqual(['{"rows":1}', '{"rows":2}', '{"rows":3}']);
});

test("times are UTC, and can be compared with now()", async () => {
  const records = [{ time: new Date(Date.now() - 60_000).toISOString() }];
  const query =
    "select count(*) as n from audit where time between now() - interval 2 minute and now()";
  expect(await askJson(query, { records })).toEqual([{ n: 1 }]);
});

test("numbers, intervals and lists have JSON's forms; no number loses digits", async () => {
  const query =
    "select 9007199254740993 as big, interval 3 day as span, list(class) as l, null as n from audit";
  expect(await askJson(query)).toEqual([
    { big: "9007199254740993", span: "3 days", l: ["READ"], n: null },
  ]);
});

test("csv has a header, and null is empty", async () => {
  const query = "select class, null as n, [1, 2] as list, 'a,b' as t from audit";
  expect(await ask(query, { format: "csv" })).toEqual([
    "class,n,list,t\r",
    'READ,,"[1,2]","a,b"\r',
  ]);
});

test("a table fits the terminal, shows no escape sequence and counts its rows", async () => {
  const records = [{ statement: `SELECT '\x1b[2J客户' ${"x".repeat(500)}`, rows: 7 }];
  const query = "select user_name, rows, statement, statement as again from audit";
  const lines = await ask(query, { records, format: "table", columns: 80 });
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(80);
  expect(lines[3]).toMatch(/^│ app {7}│ {4}7 │ SELECT '\\x1b\[2J客户' x+… │ SELECT '/);
  expect(lines.at(-1)).toBe("1 row");
});

test("of many rows a table shows the first thousand and says so", async () => {
  const lines = await ask("select * from range(5000)", { format: "table", columns: 80 });
  expect(lines.at(-1)).toBe("The first 1,000 rows; --format csv or json writes all.");
  expect(lines).toHaveLength(1005);
  const exact = await ask("select * from range(1000)", { format: "table", columns: 80 });
  expect(exact.at(-1)).toBe("1,000 rows");
});

test.each([
  ["selec 1", /^--sql: Parser Error: syntax error at or near "selec"/],
  [
    "select nobody from audit",
    /^--sql: Binder Error: [^]*The table audit has the columns: time, kind, /,
  ],
  [
    "select * from trail",
    /^--sql: Catalog Error: [^]*The table audit has the columns: time, kind, /,
  ],
  ["select 1; select 2", /^--sql has 2 statements; give one\.$/],
  [" ; -- nothing", /^--sql contains no statement/],
])("%s is refused before more of the trail is read", async (query, message) => {
  const output = new QueryOutput({
    query,
    format: "json",
    stream: new CapturedStream(),
    signal: new AbortController().signal,
  });
  const refused = output.drain();
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toThrow(message);
});

describe("a query sees the trail and nothing else of the machine", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "query-output-test-"));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test.each([
    ["select * from read_csv('/etc/hostname')"],
    ["select * from read_text('/etc/hostname')"],
    [`copy audit to '${folder}/copy.csv'`],
    [`attach '${folder}/other.db'`],
    ["install httpfs"],
    ["load httpfs"],
    ["set enable_external_access = true"],
    ["set memory_limit = '100GB'"],
  ])("%s", async (query) => {
    await expect(ask(query)).rejects.toThrow(/^--sql: (Permission|Invalid Input|IO) Error/);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe("Ctrl-C", () => {
  test("before the query: it isn't run, since the trail wasn't read whole", async () => {
    expect(await ask("select count(*) from audit", { signal: AbortSignal.abort() })).toEqual([""]);
  });

  test("during the query ends it without an answer", async () => {
    const interrupt = new AbortController();
    const endless = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b";
    const started = jest.spyOn(DuckDBPreparedStatement.prototype, "stream");
    const answer = ask(endless, { signal: interrupt.signal });
    await pollUntil(() => started.mock.calls.length > 0, { what: "the query", timeoutSeconds: 20 });
    interrupt.abort();
    expect(await answer).toEqual([""]);
  });
});

test("DuckDB's files are for this user alone, and go", async () => {
  const folders = () => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith("pg-audit-"));
  const before = new Set(folders());
  const output = new QueryOutput({
    query: "select 1",
    format: "json",
    stream: new CapturedStream(),
    signal: new AbortController().signal,
  });
  await output.drain();
  const [mine = ""] = folders().filter((name) => !before.has(name));
  expect(fs.statSync(path.join(os.tmpdir(), mine)).mode & 0o777).toBe(0o700);
  await output.end();
  expect(fs.existsSync(path.join(os.tmpdir(), mine))).toBe(false);
});

test("where DuckDB can't be loaded, it says what to do", async () => {
  const missing = () => Promise.reject(new Error("Cannot find module 'x.node'\nRequire stack:"));
  await expect(loadDuckDb(missing)).rejects.toThrow(
    /^--sql and --parquet need DuckDB, which can't be loaded on \w+ \w+: Cannot find module 'x\.node'\. npm ci/,
  );
});
