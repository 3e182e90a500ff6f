import * as fs from "node:fs";
import * as path from "node:path";
import { auditCommand } from "../../../audit/command-line";
import { FIELDS } from "../../../audit/record";
import { QueryOutput } from "../../../audit/sql/query-output";
import { CapturedStream } from "./output/captured-stream";
import { logRecord } from "./records";

const ROOT = path.join(__dirname, "../../..");
const DOCUMENTATION = fs.readFileSync(path.join(ROOT, "docs/audit.md"), "utf8");

test("every field is documented with its type, in the order of the output", () => {
  const rows = [
    ...DOCUMENTATION.matchAll(/^\| `(\w+)` +\| (timestamp|text|integer|double|text\[\]) /gm),
  ];
  expect(rows.map(([, name, type]) => [name, type])).toEqual(Object.entries(FIELDS));
});

test("every option is documented", () => {
  const { options } = auditCommand({ program: "pg-audit", hasStacks: true, env: {} });
  const names = options.map(({ long }) => long);
  expect(names).toContain("--follow");
  expect(names.filter((name) => !new RegExp(`${name}\\b`).test(DOCUMENTATION))).toEqual([]);
});

const QUERIES = [...DOCUMENTATION.matchAll(/--sql "([^"]*)"/g)].map(([, query]) => query ?? "");

test("the documentation has queries", () => {
  expect(QUERIES.length).toBeGreaterThanOrEqual(4);
});

test.each(QUERIES)("the documentation's query has a result: %s", async (query) => {
  const stream = new CapturedStream();
  const { signal } = new AbortController();
  const output = new QueryOutput({ query, format: "json", stream, signal });
  const yesterday = new Date(Date.now() - 24 * 3600 * 1000).toISOString();
  output.write(logRecord({ time: yesterday, class: "WRITE", session_id: "a.1" }));
  const message = "Microsoft Entra ID connection authorized: UPN=ann@contoso.com oid=1";
  output.write(logRecord({ time: yesterday, kind: "log", session_id: "a.1", message }));
  output.write(logRecord({ time: yesterday, kind: "error", sql_state_code: "28P01" }));
  await output.end();
  expect(stream.text).toMatch(/^\{/);
});
