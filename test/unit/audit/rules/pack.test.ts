import * as fs from "node:fs";
import * as path from "node:path";
import { LEVELS } from "../../../../audit/rules/finding";
import { PACK, readRules } from "../../../../audit/rules/rule-files";
import { logRecord } from "../records";
import { find, notableRecords } from "./rules";

const DOCUMENTATION = path.join(__dirname, "../../../../docs/audit-rules.md");

/** What the rules find in the log of a real server: their texts by title. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  "Table, schema or database dropped or truncated": [
    "TRUNCATE hr.salaries, hr.old",
    "DROP TABLE hr.old",
    "DROP SCHEMA hr CASCADE",
    "DROP DATABASE scratch",
    "DROP OWNED BY dave",
    "DROP TABLE t",
  ],
  "Role created, changed or dropped": [
    "CREATE ROLE dave LOGIN PASSWORD <REDACTED>",
    "CREATE USER erin",
    "ALTER ROLE dave CREATEROLE",
    "ALTER ROLE dave NOCREATEROLE",
    "ALTER USER dave WITH PASSWORD <REDACTED>",
    "CREATE ROLE frank IN ROLE azure_pg_admin",
    "DROP ROLE erin",
    "ALTER ROLE dave SET pgaudit.log = 'none'",
    "ALTER ROLE ALL IN DATABASE postgres RESET ALL",
  ],
  "Administrative role or attribute granted": [
    "ALTER ROLE dave CREATEROLE",
    "GRANT azure_pg_admin TO dave",
    "CREATE ROLE frank IN ROLE azure_pg_admin",
  ],
  "Privileges granted or revoked": [
    "GRANT azure_pg_admin TO dave",
    "REVOKE azure_pg_admin FROM dave",
    "GRANT pg_monitor TO dave",
    "GRANT dave TO azure_pg_admin",
    "GRANT SELECT ON t TO dave",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO dave",
    "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM dave",
    "REVOKE SELECT ON t FROM dave",
  ],
  "COPY with a program of the server": [
    "COPY t TO PROGRAM 'cat > /dev/null'",
    "copy\n  t (id)\n  from program 'echo 11'",
    "COPY (SELECT * FROM t) TO PROGRAM 'cat > /dev/null' WITH (FORMAT csv)",
    "must be superuser or have privileges of the pg_execute_server_program role to COPY to or from an external program",
  ],
  "Files of the server read or written": [
    "COPY t TO '/dev/null'",
    "COPY t(id) FROM '/dev/null'",
    "SELECT length(pg_read_file('PG_VERSION'))",
    "SELECT count(*) FROM pg_ls_dir('.')",
    "SELECT lo_import('PG_VERSION', 4711)",
    "SELECT lo_export(4711, '/dev/null')",
    "must be superuser or have privileges of the pg_write_server_files role to COPY to a file",
    "permission denied for function pg_read_file",
  ],
  "Settings of the audit changed": [
    "ALTER ROLE dave SET pgaudit.log = 'none'",
    "ALTER DATABASE postgres SET pgaudit.log TO 'none'",
    "ALTER DATABASE postgres RESET pgaudit.log",
    "ALTER ROLE ALL IN DATABASE postgres RESET ALL",
    "ALTER SYSTEM SET pgaudit.log_parameter = 'on'",
    "ALTER SYSTEM RESET pgaudit.log_parameter",
    "SET pgaudit.log_parameter = on",
    "SELECT set_config('pgaudit.log_parameter', 'off', false)",
    "DROP EXTENSION pgaudit",
    "SELECT set_config($1, $2, false)",
    'permission denied to set parameter "pgaudit.log"',
    'permission denied to set parameter "pgaudit.log"',
  ],
  "Audit weakened by a server parameter": [
    'parameter "pgaudit.log" changed to "NONE"',
    'parameter "pgaudit.role" changed to ""',
    'parameter "pgaudit.log_catalog" changed to "off"',
    'parameter "pgaudit.log_level" changed to "notice"',
    'parameter "pgaudit.log_parameter" changed to "off"',
    'parameter "pgaudit.log_relation" changed to "OFF"',
    'parameter "pgaudit.log_rows" changed to "false"',
    'parameter "pgaudit.log_statement" changed to "off"',
    'parameter "log_connections" changed to "off"',
    'parameter "log_disconnections" changed to "off"',
    'parameter "log_line_prefix" changed to "%t-%c-"',
    'parameter "log_line_prefix" changed to "%t user=%u "',
    'parameter "log_min_messages" removed from configuration file, reset to default',
    'parameter "pgaudit.log" removed from configuration file, reset to default',
  ],
  "Extension installed or changed": ["CREATE EXTENSION tcn", "ALTER EXTENSION pgaudit UPDATE"],
  "Function with the rights of its owner created": [
    "CREATE FUNCTION admin_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM t'",
  ],
  "Many rows read": [
    "CREATE TABLE hits AS SELECT generate_series(1, 100000) AS id",
    "SELECT id FROM hits",
  ],
  "Many failed logins of a client": ["10 records, within 5m, client 127.0.0.1"],
  "Many failed logins of a user": ["10 records, within 5m, user_name mallory"],
};

function byRule(findings: ReturnType<typeof find>["findings"]) {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return Object.fromEntries(
    rules.map((rule) => [
      rule,
      findings.filter((finding) => finding.rule === rule).map(({ text }) => text),
    ]),
  );
}

test("the rules find what is notable in a real server's log, and nothing else", async () => {
  const { findings } = find(await readRules([PACK]), notableRecords());
  expect(byRule(findings)).toEqual(EXPECTED);
});

test("reads of tables are found if the list contains them", async () => {
  const { documents } = await readRules([PACK]);
  const lists = { sensitive_tables: ["public.hits"] };
  const { findings } = find({ documents, lists }, notableRecords());
  expect(byRule(findings)["Table of the list sensitive_tables read"]).toEqual([
    "SELECT id FROM hits WHERE id < 10",
    "SELECT id FROM hits",
  ]);
});

test("an ambiguous record is found, whatever its kind", async () => {
  const { findings } = find(await readRules([PACK]), [
    logRecord({ ambiguous: "names", user_name: null }),
    logRecord({ ambiguous: "message", kind: "log", message: "db-x,user-y", statement: null }),
    logRecord({}),
  ]);
  expect(byRule(findings)).toEqual({
    "Record that a misleading name makes ambiguous": ["SELECT * FROM orders", "db-x,user-y"],
  });
});

test("many names of one client are found; fewer failures, or slower ones, aren't", async () => {
  const source = await readRules([PACK]);
  const failure = (minute: number, user_name: string, client: string) =>
    logRecord({
      time: `2026-11-22T17:${String(minute).padStart(2, "0")}:00.000Z`,
      kind: "error",
      sql_state_code: "28P01",
      ...{ user_name, client },
    });
  const guesses = ["root", "admin", "test", "sa", "postgres"].map((name) =>
    failure(1, name, "10.9.9.9"),
  );
  const slow = Array.from({ length: 60 }, (_, minute) => failure(minute, "job", "10.1.1.1"));
  const { findings } = find(source, [...slow, ...guesses, ...guesses.slice(1)]);
  expect(findings).toEqual([
    expect.objectContaining({
      rule: "Failed logins with many names",
      client: "10.9.9.9",
      user_name: null,
      count: 9,
      text: "9 records with 5 different user_name, within 10m, server pgflex, client 10.9.9.9",
    }),
  ]);
});

test("each rule follows Sigma's conventions for files", async () => {
  const { documents } = await readRules([PACK]);
  for (const { file, id, data } of documents) {
    expect(path.basename(file)).toMatch(/^(mr_)?postgresql_[a-z_]{4,50}\.yml$/);
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(data).toMatchObject({
      title: expect.any(String) as unknown,
      status: expect.stringMatching(/^(stable|test)$/) as unknown,
      description: expect.any(String) as unknown,
      author: "pg-audit-lab",
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as unknown,
    });
    expect(LEVELS).toContain(data.level);
  }
});

test("the documentation lists the rules with their levels and files", async () => {
  const { documents } = await readRules([PACK]);
  const rows = fs
    .readFileSync(DOCUMENTATION, "utf8")
    .matchAll(/^\| ([A-Z][^|]*?) +\| (\w+) +\| `(\w+\.yml)` +\|/gm);
  expect([...rows].map(([, title, level, file]) => `${title}, ${level}, ${file}`).sort()).toEqual(
    documents
      .map(
        ({ file, data }) => `${String(data.title)}, ${String(data.level)}, ${path.basename(file)}`,
      )
      .sort(),
  );
});
