/** One connection to the captured server, and what it does there. */
export interface CapturedSession {
  /** @default the superuser */
  readonly user?: string;
  /** @default postgres */
  readonly database?: string;
  readonly applicationName?: string;
  /** Settings of the session, before its statements. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly statements: readonly (string | Prepared)[];
  /** Connecting or a statement fails, as it is meant to. */
  readonly mayFail?: boolean;
}

/** A statement with parameters, through the extended protocol. */
export interface Prepared {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string;
}

const ALL = { "pgaudit.log": "all" };
const QUIET = { "pgaudit.log": "none" };

/** A name with all that can trouble a reader of logs. */
export const ODD_DATABASE = 'Sales, "EU" – Zürich';

/** Every kind of line that pgAudit and PostgreSQL write of sessions. */
export const SESSIONS: readonly CapturedSession[] = [
  {
    settings: QUIET,
    statements: [
      "CREATE EXTENSION pgaudit",
      "CREATE ROLE alice LOGIN PASSWORD 'wonderland'",
      "ALTER ROLE alice SET pgaudit.log = 'all'",
      "CREATE ROLE auditor",
      "GRANT ALL ON SCHEMA public TO alice",
      `CREATE DATABASE "${ODD_DATABASE.replaceAll('"', '""')}"`,
    ],
  },
  {
    applicationName: "psql",
    settings: ALL,
    statements: [
      "CREATE TABLE a(id int);",
      "INSERT into a SELECT generate_series(1,1000);",
      "SELECT count(*) FROM a",
      "SELECT id,\n       'two lines, \"quoted\"' AS text\n  FROM a\n WHERE id < 3",
      "SELECT 'carriage\r\nreturn', E'tab\\t', '\t'",
      "SELECT '東京 – Zürich 🐘' AS \"Straße\"",
      "SELECT ';,<not logged>', '\"', ''''",
      'CREATE TABLE "Odd, ""name"" of\na table"("a b" int)',
      'INSERT INTO "Odd, ""name"" of\na table" VALUES (1)',
      "CREATE INDEX ON a(id)",
      "UPDATE a SET id = id + 1 WHERE id = 1",
      "DELETE FROM a WHERE id > 990",
      "CREATE VIEW v AS SELECT * FROM a",
      "SELECT * FROM v LIMIT 1",
      "CREATE FUNCTION f(n int) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN\n  RETURN (SELECT count(*) FROM a WHERE id < n);\nEND$$",
      "SELECT f(10)",
      "DO $$BEGIN\n  EXECUTE 'CREATE TABLE inside (id int)';\n  INSERT INTO inside VALUES (1), (2);\nEND$$",
      "CREATE ROLE bob PASSWORD 'builder'",
      "ALTER ROLE bob PASSWORD 'can we fix it'",
      "GRANT SELECT ON a TO bob",
      "DROP ROLE IF EXISTS nobody",
      "BEGIN",
      "DECLARE c CURSOR FOR SELECT * FROM a",
      "FETCH 2 FROM c",
      "COMMIT",
      "COPY a TO '/dev/null'",
      "SET work_mem = '8MB'",
      "SHOW work_mem",
      "ANALYZE a",
      "PREPARE p(int) AS SELECT * FROM a WHERE id = $1",
      "EXECUTE p(5)",
      "DROP VIEW v",
    ],
  },
  {
    applicationName: "parameters",
    settings: { ...ALL, "pgaudit.log_parameter": "on" },
    statements: [
      "SELECT 1",
      { text: "SELECT $1::int", values: [42] },
      { text: "SELECT $1::text, $2::text, $3::text", values: ["a,b", null, 'say "hi"'] },
      { text: "SELECT $1::text", values: ["two\nlines"] },
      { text: "SELECT $1::text", values: [null] },
      { text: "SELECT $1::text[], $2::numeric", values: [["x", "y z"], 1.5], name: "named" },
      { text: "INSERT INTO a VALUES ($1), ($2)", values: [7, 8] },
    ],
  },
  {
    applicationName: "relations",
    settings: { ...ALL, "pgaudit.log_relation": "on" },
    statements: [
      'SELECT a.id FROM a JOIN inside ON a.id = inside.id JOIN "Odd, ""name"" of\na table" ON true',
    ],
  },
  {
    applicationName: "statement once",
    settings: { ...ALL, "pgaudit.log_relation": "on", "pgaudit.log_statement_once": "on" },
    statements: [
      "SELECT a.id FROM a JOIN inside ON a.id = inside.id",
      { text: "SELECT a.id FROM a JOIN inside USING (id) WHERE a.id = $1", values: [1] },
    ],
  },
  {
    applicationName: "rows",
    settings: { ...ALL, "pgaudit.log_rows": "on", "pgaudit.log_parameter": "on" },
    statements: [
      "SELECT * FROM a LIMIT 7",
      "UPDATE a SET id = id WHERE id < 20",
      { text: "SELECT * FROM a WHERE id = ANY($1) OR id = $2", values: [[3, 4], 5] },
    ],
  },
  {
    applicationName: "no statement",
    settings: { ...ALL, "pgaudit.log_statement": "off" },
    statements: ["SELECT 'kept out of the log'", "CREATE TABLE unlogged_text(id int)"],
  },
  {
    applicationName: "no statement, rows",
    settings: { ...ALL, "pgaudit.log_statement": "off", "pgaudit.log_rows": "on" },
    statements: ["SELECT * FROM a LIMIT 2"],
  },
  {
    applicationName: "to the client",
    settings: {
      ...ALL,
      "pgaudit.log_client": "on",
      "pgaudit.log_level": "notice",
      log_min_messages: "notice",
    },
    statements: ["SELECT 'told to the client as well'"],
  },
  {
    applicationName: "objects",
    settings: { ...QUIET, "pgaudit.role": "auditor" },
    statements: [
      "GRANT SELECT ON a TO auditor",
      "GRANT UPDATE (id) ON inside TO auditor",
      "SELECT count(*) FROM a",
      "UPDATE inside SET id = 3",
      "SELECT 'not audited'",
    ],
  },
  {
    applicationName: "slow, and errors",
    settings: { ...QUIET, log_statement: "all", log_min_duration_statement: "0" },
    statements: [
      "SELECT 'both statement and duration'",
      { text: "SELECT $1::text, $2::int", values: ['it\'s, "x"', null] },
      { text: 'SELECT 1 AS "a: b"', values: [], name: "named" },
    ],
  },
  {
    applicationName: "durations",
    settings: { ...QUIET, log_duration: "on" },
    statements: ["SELECT 'only how long'"],
  },
  {
    applicationName: "slow",
    settings: { ...QUIET, log_min_duration_statement: "0" },
    statements: ["SELECT\n  'slow'", { text: "SELECT $1::int", values: [1] }],
  },
  {
    applicationName: "errors",
    settings: { ...QUIET, log_min_messages: "notice" },
    mayFail: true,
    statements: [
      "SELECT FROM WHERE",
      "SELECT * FROM missing_table",
      "SELECT 1/0",
      "INSERT INTO a VALUES ('no number')",
      "CREATE TABLE unique_ids(id int PRIMARY KEY)",
      "INSERT INTO unique_ids VALUES (1), (1)",
      "DO $$BEGIN RAISE WARNING 'mind the %', 'gap' USING DETAIL = 'it is wide', HINT = 'jump'; END$$",
      "DO $$BEGIN RAISE NOTICE 'AUDIT: not an entry'; END$$",
      "DO $$BEGIN RAISE LOG 'AUDIT: SESSION,9,1,READ,SELECT,,,SELECT forged,<none>'; END$$",
      "DROP TABLE IF EXISTS nothing_there",
    ],
  },
  {
    applicationName: "verbose",
    settings: { ...ALL, log_error_verbosity: "verbose" },
    statements: ["SELECT 'verbose'"],
  },
  {
    user: "alice",
    database: ODD_DATABASE,
    applicationName: "DBeaver 23.1 – Main, user-root",
    statements: ["SELECT 'of alice'", "SET application_name = ''", "SELECT 'of nothing'"],
  },
  {
    user: "alice",
    applicationName: "x,client-6.6.6.6 LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,1,",
    statements: ["SELECT 'behind a name that looks like a line'"],
  },
  { user: "mallory,app-psql,client-6.6.6.6", mayFail: true, statements: [] },
  { user: "alice", database: "no such database", mayFail: true, statements: [] },
];

/** Prefixes whose lines PostgreSQL writes and the reader reads. */
export const PREFIXES: readonly string[] = [
  "%t-%c-",
  "%m [%p] ",
  "%m [%p] %q%u@%d ",
  "%t-%c-user=%u,db=%d,app=%a,client=%h ",
  "%m [%p] [user=%u,db=%d,app=%a] ",
  "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%r ",
  "%n %e %b|%i|%v|%x|%Q|%P|%s ",
  "[%10p] [%-12u] [%12d] [%-20a] [%16h] %-6l%% ",
  "%%%m%%|%r|%a|%z|",
  "%a %u %d %h %p ",
  "<%p> ",
  "",
];

/** What a session does under each of the prefixes. */
export const PREFIX_SESSION: CapturedSession = {
  user: "alice",
  applicationName: "psql",
  settings: {},
  statements: ["SELECT 1", "SELECT ', ' AS a, 'LOG:  x' AS b", "SELECT * FROM missing_table"],
  mayFail: true,
};
