import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { azureRecord } from "../../../../local/backends/log-shipper/record";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { Decoder } from "../../../../audit/decode/decoder";
import { logFormat } from "../../../../audit/lines/log-format";
import { type LogRecord } from "../../../../audit/record";
import { type CapturedSession, SESSIONS } from "./capture-sessions";
import { csvlogRows, fixture, fixtureLines, record } from "./decoding";

const jsonLines = fixtureLines("trail.jsonlog");
const fromJsonlog = jsonLines.map((line) => record(line));

/** As Azure Monitor stores the same line; without the file and offset, which differ. */
const asAzure = (line: string): string =>
  azureRecord(JSON.parse(line) as JsonLogLine, {
    resourceId: "/subscriptions/0/servers/LabPg",
    location: "westeurope",
    logLinePrefix: LOG_LINE_PREFIX,
  });

const sessionOf = (name: string): CapturedSession => {
  const session = SESSIONS.find(({ applicationName }) => applicationName === name);
  if (!session) throw new Error(`No captured session is called ${name}`);
  return session;
};

/** pgAudit's entries of a session, without those of its settings, whose statements may be omitted. */
const entriesOf = (application: string): LogRecord[] =>
  fromJsonlog
    .filter(({ kind, application_name }) => kind === "audit" && application_name === application)
    .filter(({ statement }) => statement !== "SELECT set_config($1, $2, false)")
    .slice(application === "no statement, rows" ? 1 : 0);

describe("the log of a real server", () => {
  test("reads the same from csvlog as from jsonlog", () => {
    const bytes = fixture("trail.csvlog");
    expect(logFormat(bytes)).toBe("csvlog");
    expect(csvlogRows(bytes).map((row) => record(row))).toEqual(fromJsonlog);
  });

  test("reads the same from Azure's records, except what they don't contain", () => {
    const isMisleading = ({ application_name, message }: LogRecord): boolean =>
      /client-6/.test(`${application_name} ${message}`);
    fromJsonlog.forEach((expected, index) => {
      if (isMisleading(expected)) return;
      const actual = record(asAzure(jsonLines[index] ?? ""));
      const unknown = (name: string | null): string | null => (name === "[unknown]" ? null : name);
      expect({
        ...actual,
        user_name: unknown(actual.user_name),
        database_name: unknown(actual.database_name),
        application_name: unknown(actual.application_name),
      }).toEqual({
        ...expected,
        server: "labpg",
        client_port: null,
        statement:
          expected.kind === "audit" || expected.kind === "statement" ? expected.statement : null,
        // Azure's records have no context, so that a message like pgAudit's own is taken for it.
        ...(expected.message?.startsWith("AUDIT: SESSION") && expected.kind === "log"
          ? {
              ...{ kind: "audit", message: null, audit_type: "SESSION", class: "READ" },
              ...{ command: "SELECT", statement_id: 9, substatement_id: 1 },
              ...{ statement: "SELECT forged", parameters: [] },
            }
          : {}),
      });
    });
  });

  test("returns every statement of a session as it was typed", () => {
    const typed = sessionOf("psql").statements.filter(
      (text) => typeof text === "string" && !text.includes("PASSWORD"),
    );
    const read = new Set(entriesOf("psql").map(({ statement }) => statement));
    expect(typed.filter((text) => !read.has(text as string))).toEqual([]);
    expect(read).toContain("CREATE ROLE bob PASSWORD <REDACTED>");
  });

  test("identifies the statements of a function or block by number", () => {
    const inside = entriesOf("psql").filter(({ object_name }) => object_name === "public.inside");
    const block = entriesOf("psql").find(({ command }) => command === "DO");
    expect(inside).toMatchObject([{ class: "DDL", command: "CREATE TABLE", object_type: "TABLE" }]);
    expect(inside[0]?.statement_id).toBe(block?.statement_id);
    expect(inside[0]?.substatement_id).toBeGreaterThan(block?.substatement_id ?? 0);
  });

  test("keeps names with quotes, commas and line ends", () => {
    expect(entriesOf("psql").map(({ object_name }) => object_name)).toContain(
      'public."Odd, ""name"" of\na table"',
    );
    expect(entriesOf("DBeaver 23.1 ??? Main, user-root")).toMatchObject([
      { user_name: "alice", database_name: 'Sales, "EU" – Zürich', statement: "SELECT 'of alice'" },
    ]);
  });

  test("reads parameters: quoted, over lines, arrays; NULL as empty; none", () => {
    expect(entriesOf("parameters").map(({ parameters }) => parameters)).toEqual([
      [],
      ["42"],
      ["a,b", "", 'say "hi"'],
      ["two\nlines"],
      [""],
      ['{x,"y z"}', "1.5"],
      ["7", "8"],
    ]);
    expect(entriesOf("psql").every(({ parameters }) => parameters === null)).toBe(true);
  });

  test("reads each relation of a statement, and says where the statement was left out", () => {
    expect(entriesOf("relations").map(({ object_name }) => object_name)).toEqual([
      "public.a",
      "public.inside",
      'public."Odd, ""name"" of\na table"',
    ]);
    expect(entriesOf("statement once")).toMatchObject([
      { object_name: "public.a", statement_omitted: null },
      { object_name: "public.inside", statement: null, statement_omitted: "previously logged" },
      { object_name: "public.a", statement_omitted: null },
      { object_name: "public.inside", statement: null, statement_omitted: "previously logged" },
    ]);
    expect(entriesOf("no statement").filter(({ statement }) => statement === null)).toMatchObject([
      { command: "SELECT", statement_omitted: "not logged", parameters: null },
      { command: "CREATE TABLE", statement_omitted: "not logged", parameters: null },
    ]);
  });

  test("reads rows, after parameters and after what was left out", () => {
    expect(entriesOf("rows").map(({ rows, parameters }) => ({ rows, parameters }))).toEqual(
      expect.arrayContaining([
        { rows: 7, parameters: [] },
        { rows: 3, parameters: ["{3,4}", "5"] },
      ]),
    );
    expect(entriesOf("no statement, rows")).toMatchObject([
      { rows: 2, statement_omitted: "not logged" },
    ]);
  });

  test("reads object auditing, entries of another level, and log_error_verbosity verbose", () => {
    expect(entriesOf("objects")).toMatchObject([
      { audit_type: "OBJECT", class: "READ", object_type: "TABLE", object_name: "public.a" },
      { audit_type: "OBJECT", class: "WRITE", object_name: "public.inside" },
    ]);
    expect(entriesOf("to the client")).toMatchObject([{ error_severity: "NOTICE" }]);
    expect(entriesOf("verbose")).toMatchObject([{ statement: "SELECT 'verbose'" }]);
  });

  test("distinguishes errors, connections and logged statements", () => {
    const of = (application: string, kind: string) =>
      fromJsonlog.filter((line) => line.application_name === application && line.kind === kind);
    expect(of("errors", "error").map((line) => line.sql_state_code)).toEqual([
      ...["42601", "42P01", "22012", "22P02", "23505", "01000", "00000", "00000"],
    ]);
    expect(of("errors", "error")).toContainEqual(
      expect.objectContaining({ message: "mind the gap", detail: "it is wide" }),
    );
    expect(fromJsonlog.filter(({ kind }) => kind === "connection")).toHaveLength(
      jsonLines.filter((line) => /"message":"(?:dis)?connection/.test(line)).length,
    );
    expect(of("slow", "statement")).toContainEqual(
      expect.objectContaining({
        statement: "SELECT\n  'slow'",
        duration_ms: expect.any(Number) as number,
      }),
    );
    expect(of("slow", "statement")).toContainEqual(
      expect.objectContaining({ statement: "SELECT $1::int", detail: "parameters: $1 = '1'" }),
    );
    expect(of("slow, and errors", "statement")).toContainEqual(
      expect.objectContaining({ statement: 'SELECT 1 AS "a: b"', duration_ms: null }),
    );
    expect(of("durations", "statement")).toContainEqual(
      expect.objectContaining({ statement: null, duration_ms: expect.any(Number) as number }),
    );
  });

  test("doesn't accept a session's imitations as pgAudit's entries if the line has a context", () => {
    const forged = fromJsonlog.filter(({ message }) => message?.startsWith("AUDIT: "));
    expect(forged.map(({ kind }) => kind)).toEqual(["error", "log"]);
  });

  test("reports ambiguity for the lines with misleading names only", () => {
    const decoder = new Decoder();
    const misled = jsonLines
      .map((line) => record(asAzure(line), {}, decoder))
      .filter(({ client }, index) => client !== fromJsonlog[index]?.client);
    expect(misled.map(({ kind }) => kind)).not.toContain("audit");
    expect(decoder.findings.counts.ambiguous?.lines).toBeGreaterThanOrEqual(misled.length);
    expect(misled.length).toBeGreaterThan(0);
    expect(decoder.findings.notices.join()).toContain("can be read in several ways");
  });
});
