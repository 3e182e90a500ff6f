import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { PACK, readRules } from "../../../../audit/rules/rule-files";
import { ensureSigma, missingForSigma } from "./sigma-cli";

const FOLDER = path.join(PACK, "..");
const QUERIES = path.join(FOLDER, "pack.kql");
const INSTALL_SECONDS = 180;

/** The backend converts rules for records only: pySigma-backend-kusto 1.0.1 refuses every correlation. */
const CORRELATIONS = ["mr_postgresql_failed_logins.yml"];

const missing = missingForSigma();
if (missing !== undefined) console.warn(`The conversion to KQL isn't tested: it needs ${missing}`);

(missing === undefined ? describe : describe.skip)("pySigma's backend for Kusto", () => {
  let sigma = "";
  beforeAll(() => {
    sigma = ensureSigma();
  }, INSTALL_SECONDS * 1000);

  /** As docs/audit-rules.md says. */
  const convert = (...names: string[]) => {
    const pipeline = path.join(FOLDER, "kusto-pipeline.yml");
    const args = ["convert", "-t", "kusto", "--disable-pipeline-check", "-p", pipeline];
    const files = names.map((name) => path.join(PACK, name));
    return spawnSync(sigma, [...args, ...files], { encoding: "utf8" });
  };

  const files = fs.readdirSync(PACK).filter((name) => name.endsWith(".yml"));
  const records = files.filter((name) => name.startsWith("postgresql_")).sort();

  test("converts every rule for records to the queries in pack.kql", async () => {
    const { stdout, stderr } = convert(...records);
    expect(stderr).not.toMatch(/error/i);
    expect(stdout).toBe(fs.readFileSync(QUERIES, "utf8"));
    const { documents } = await readRules([PACK]);
    const titles = documents
      .filter(({ data }) => "detection" in data)
      .map(({ data }) => `// ${String(data.title)} (${String(data.level)})`);
    expect(stdout.match(/^\/\/ .*$/gm)?.sort()).toEqual(titles.sort());
    expect(stdout.match(/^PgAudit$/gm)).toHaveLength(titles.length);
  });

  test("applies service: pgaudit, and lists", () => {
    const { stdout } = convert("postgresql_sensitive_table_read.yml");
    expect(stdout).toContain(
      '| where kind =~ "audit" and (class =~ "READ" and object_name =~ "public.salaries")',
    );
  });

  test("converts no correlation, which therefore are named here", () => {
    expect(files.filter((name) => !records.includes(name))).toEqual(CORRELATIONS);
    const { status, stderr } = convert(".");
    expect(stderr).toMatch(/Backend does not support correlation rules/);
    expect(status).not.toBe(0);
  });
});
