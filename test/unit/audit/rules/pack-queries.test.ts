import * as fs from "node:fs";
import * as path from "node:path";
import { PACK, readRules } from "../../../../audit/rules/rule-files";
import { asKql, TABLES } from "../../docs/kql/azure-tables";
import { Interpreter } from "../../docs/kql/interpreter";
import { Workspace } from "../../docs/kql/language-service";
import { logRecord } from "../records";
import { find, notableRecords } from "./rules";

const ROOT = path.join(__dirname, "../../../..");
const textOf = (file: string) => fs.readFileSync(path.join(ROOT, file), "utf8");

const workspace = new Workspace(TABLES, {
  PgAudit: textOf("docs/kql/PgAudit.kql"),
  PgAuditLines: textOf("docs/kql/PgAuditLines.kql"),
});

/** The queries by their first line: // Title (level) */
const QUERIES = textOf("audit/rules/pack.kql").trim().split("\n\n");

test.each(QUERIES)("Microsoft's language service finds nothing wrong in %s", (query) => {
  expect(workspace.analyze(query).diagnostics).toEqual([]);
});

/** Records that the log of the real server doesn't contain. */
const OTHERS = [
  logRecord({ object_name: "Public.Salaries" }),
  logRecord({ ambiguous: "names" }),
  logRecord({ ambiguous: "message", kind: "log", class: null, command: null }),
  logRecord({
    kind: "error",
    class: null,
    command: null,
    message: "Authentication failed for user x",
  }),
  logRecord({ class: "DDL", command: "DROP TABLE", object_name: "pg_temp.a" }),
];

/** The queries run in the interpreter of docs/kql's tests; test/unit/docs/kql.test.ts says what this shows. */
test("the queries find in Log Analytics what the rules find", async () => {
  const records = [...notableRecords(), ...OTHERS];
  const { documents } = await readRules([PACK]);
  const lists = { sensitive_tables: ["public.salaries"] };
  const { findings } = find({ documents: documents.map(withFailedLogin), lists }, records);
  const interpreter = new Interpreter({ PgAudit: records.map(asKql) }, {});
  let found = 0;
  for (const query of QUERIES) {
    const [, title] = /^\/\/ (.*) \(\w+\)\n/.exec(query) ?? [];
    const expected = findings.filter(({ rule }) => rule === title).map(({ text }) => text);
    expect(expected.length).toBeGreaterThan(0);
    const rows = interpreter.run(workspace.analyze(query).syntax);
    expect(
      rows.map(({ kind, statement, message }) =>
        kind === "error" ? message || statement : statement || message,
      ),
    ).toEqual(expected);
    found += rows.length;
  }
  expect(found).toBeGreaterThan(60);
});

/** Failed logins are reported one by one, as their query does. */
function withFailedLogin<T extends { readonly data: Readonly<Record<string, unknown>> }>(
  document: T,
): T {
  const { correlation } = document.data;
  if (correlation === undefined) return document;
  const generating = { ...(correlation as object), generate: true };
  return { ...document, data: { ...document.data, correlation: generating } };
}
