import * as fs from "node:fs";
import * as path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import * as fc from "fast-check";
import { KNOWN_PREFIXES, RECOMMENDED_PREFIX } from "../../../audit/decode/log-line-prefix";
import { FIELDS, type FieldType } from "../../../audit/record";
import type { JsonLogLine } from "../../../local/backends/log-shipper/log-line-prefix";
import { azureRecord } from "../../../local/backends/log-shipper/record";
import { azureLine, fixtureLines, record } from "../audit/decode/decoding";
import { asKql, asRow, OTHER_AZURE_DIAGNOSTICS, SHARED_FIELDS, TABLES } from "./kql/azure-tables";
import { Interpreter, type Row } from "./kql/interpreter";
import { type SyntaxNode, Workspace } from "./kql/language-service";
import { regex } from "./kql/scalar-functions";

const FOLDER = path.resolve(__dirname, "../../../docs/kql");
const filesOf = (folder: string): string[] =>
  fs
    .readdirSync(path.join(FOLDER, folder))
    .filter((name) => name.endsWith(".kql"))
    .map((name) => path.join(folder, name));
const textOf = (file: string): string => fs.readFileSync(path.join(FOLDER, file), "utf8");

const functions = Object.fromEntries(
  filesOf("").map((file) => [path.basename(file, ".kql"), textOf(file)]),
);
const workspace = new Workspace(TABLES, functions);
const syntaxOf = Object.fromEntries(
  Object.entries(functions).map(([name, text]) => [name, workspace.analyze(text).syntax]),
);
const query = workspace.analyze("PgAudit").syntax;

/** What PgAudit returns if Azure's records are the rows of a table. */
const pgAudit = (
  lines: readonly string[],
  table: keyof typeof TABLES = "PGSQLServerLogs",
): readonly Row[] =>
  new Interpreter({ [table]: lines.map((line) => asRow(table, line)) }, syntaxOf).run(query);

describe("Microsoft's language service", () => {
  test.each([...filesOf(""), ...filesOf("queries")])("finds nothing wrong in %s", (file) => {
    expect(workspace.analyze(textOf(file)).diagnostics).toEqual([]);
  });

  test("finds nothing wrong where AzureDiagnostics has no record of PostgreSQL's", () => {
    const other = new Workspace(
      { ...TABLES, AzureDiagnostics: OTHER_AZURE_DIAGNOSTICS },
      functions,
    );
    for (const text of Object.values(functions)) {
      expect(other.analyze(text).diagnostics).toEqual([]);
    }
  });

  test("would find a column that doesn't exist, also in a function", () => {
    expect(workspace.analyze("PgAudit | where user == 'x'").diagnostics).toEqual([
      expect.stringContaining("'user' does not refer to any known column") as string,
    ]);
    const wrong = (functions.PgAudit ?? "").replace("    detail,", "    details,");
    expect(workspace.analyze(wrong).diagnostics).toEqual([
      expect.stringContaining("'details'") as string,
    ]);
  });

  test("gives PgAudit the reader's fields with their types, except those of files", () => {
    const types: Record<FieldType, string> = {
      text: "string",
      integer: "long",
      double: "real",
      timestamp: "datetime",
      "text[]": "dynamic",
    };
    expect(Object.entries(workspace.analyze("PgAudit").columns)).toEqual(
      SHARED_FIELDS.map((field) => [field, types[FIELDS[field]]]),
    );
  });
});

const jsonLines = fixtureLines("trail.jsonlog").map((line) => JSON.parse(line) as JsonLogLine);
/** The captured lines as Azure's records, of a server with this log_line_prefix. */
const captured = (logLinePrefix: string): string[] =>
  jsonLines.map((line) =>
    azureRecord(line, { resourceId: "/servers/LabPg", location: "westeurope", logLinePrefix }),
  );

/**
 * The functions run in an interpreter of the tests (kql/interpreter.ts) on Microsoft's syntax tree, with regular
 * expressions of JavaScript. So this shows that the functions say the same as the reader, if Kusto's operators do what
 * Microsoft's reference says. It doesn't show what a cluster does, nor what Azure writes into the columns.
 */
describe("PgAudit, on captured lines of a real server", () => {
  test.each(
    [RECOMMENDED_PREFIX, RECOMMENDED_PREFIX.replace("%c %s ", ""), "%t-%c-"].flatMap((prefix) =>
      (["PGSQLServerLogs", "AzureDiagnostics"] as const).map((table) => [prefix, table] as const),
    ),
  )("has the reader's fields: log_line_prefix %j, table %s", (prefix, table) => {
    expect(KNOWN_PREFIXES).toContain(prefix);
    const lines = captured(prefix);
    expect(pgAudit(lines, table)).toEqual(lines.map((line) => asKql(record(line))));
  });

  test("reads entries behind other prefixes too, without names", () => {
    const lines = captured("%m [%p]: [%l-1] db=%d,user=%u ");
    const rows = pgAudit(lines);
    const entries = lines.map((line) => asKql(record(line)));
    expect(rows.map(({ kind, object_name, statement }) => [kind, object_name, statement])).toEqual(
      entries.map(({ kind, object_name, statement }) => [kind, object_name, statement]),
    );
    expect(new Set(rows.map(({ user_name }) => user_name))).toEqual(new Set([""]));
  });

  test("keeps the text of an entry that was cut off", () => {
    const cut = `${START}db-a,user-b,app-c,client-10.0.0.4 LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,"SELECT 1`;
    expect(pgAudit([azureLine(cut)])).toMatchObject([
      { kind: "audit", class: "", user_name: "b", message: cut.slice(cut.indexOf("AUDIT")) },
    ]);
  });
});

const START = "2026-11-22 19:24:35 UTC 4940 5-1 6741d2a3.134c 2026-11-22 19:24:30 UTC ";
const ENTRY = 'AUDIT: SESSION,2,1,DDL,DROP TABLE,TABLE,public.a,"DROP TABLE a, b",<not logged>';

interface Names {
  readonly database_name: string;
  readonly user_name: string;
  readonly application_name: string;
}
const lineOf = ({ database_name: db, user_name: user, application_name: app }: Names): string =>
  azureLine(`${START}db-${db},user-${user},app-${app},client-10.0.0.4 LOG:  ${ENTRY}`);

describe("PgAudit, with misleading names", () => {
  const honest = { database_name: "shop", user_name: "mallory", application_name: "psql" };
  test.each([
    ["role", { user_name: "azuresu,app-z" }, "names", { user_name: "", database_name: "shop" }],
    ["database", { database_name: "d,user-azuresu,app-x" }, "names", { user_name: "" }],
    ["application", { application_name: "a,app-b" }, "names", { user_name: "" }],
    [
      "application",
      { application_name: "x,client-6.6.6.6 LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,1," },
      "message",
      { user_name: "mallory", client: "", kind: "log", class: "" },
    ],
  ])("%s: %j makes the line ambiguous", (_what, names, ambiguous, expected) => {
    const line = lineOf({ ...honest, ...names });
    expect(pgAudit([line])).toMatchObject([{ ambiguous, ...expected }]);
    expect(record(line).ambiguous).toBe(ambiguous);
  });

  test("no name is a false one, and each line that the reader finds ambiguous is ambiguous", () => {
    const name = fc
      .array(
        fc.constantFrom(
          ...["azuresu", ",user-", ",app-", ",client-6.6.6.6", " LOG:  ", " ERROR:  ", "x", ","],
          ...["AUDIT: SESSION,1,1,READ,SELECT,,,1,<none>", "\n", "\\xc3", "é"],
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.join("").slice(0, 63));
    const names = fc.record({ database_name: name, user_name: name, application_name: name });
    fc.assert(
      fc.property(fc.array(names, { minLength: 50, maxLength: 50 }), (sessions) => {
        const lines = sessions.map(lineOf);
        pgAudit(lines).forEach((row, index) => {
          for (const [field, actual] of Object.entries(sessions[index] ?? {})) {
            expect(["", actual]).toContain(row[field]);
          }
          expect(["", "10.0.0.4"]).toContain(row.client);
          const { ambiguous, class: auditClass } = record(lines[index] ?? "");
          if (ambiguous !== null) expect(row.ambiguous).not.toBe("");
          if (row.ambiguous !== "message") expect(row.class).toBe(auditClass);
        });
      }),
      { numRuns: 10 },
    );
  });
});

/** Texts that PgAudit uses as regular expressions. */
function expressionsOf(node: SyntaxNode): string[] {
  const isExpression =
    /StringLiteral|LiteralExpression/.test(node.type) && node.text.startsWith("@");
  return [
    ...(isExpression ? [node.constant as string] : []),
    ...node.children.flatMap((child) => expressionsOf(child)),
  ];
}

test("RE2 finds in the captured lines what JavaScript finds, with each regular expression", async () => {
  const expressions = [...new Set(Object.values(syntaxOf).flatMap(expressionsOf))];
  expect(expressions.length).toBeGreaterThan(7);
  const lines = captured(RECOMMENDED_PREFIX).concat(captured("%t-%c-"));
  const texts = [
    ...lines.map(
      (line) => (JSON.parse(line) as { properties: { message: string } }).properties.message,
    ),
    ...jsonLines.map(({ message }) => message),
  ];
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("create table texts (text varchar)");
  for (const text of texts) await connection.run("insert into texts values ($1)", [text]);
  for (const expression of expressions) {
    const groups = new RegExp(`${expression}|`, "u").exec("")?.length ?? 0;
    const extracts = Array.from(
      { length: groups },
      (_, group) => `regexp_extract(text, $1, ${group})`,
    );
    const found = await connection.runAndReadAll(
      `select regexp_matches(text, $1), ${extracts.join(", ")} from texts`,
      [expression],
    );
    expect(found.getRowsJson()).toEqual(
      texts.map((text) => {
        const match = regex(expression).exec(text);
        return [
          match !== null,
          ...Array.from({ length: groups }, (_, group) => match?.[group] ?? ""),
        ];
      }),
    );
  }
  connection.closeSync();
  instance.closeSync();
});
