import type { Client } from "pg";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { LineNumbers } from "../../../../local/backends/log-shipper/line-numbers";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { AuditedServer } from "../../../support/audited-server";
import { azure, check } from "../../../unit/audit/verify/trails";

let server: AuditedServer;

beforeAll(async () => {
  server = await AuditedServer.start(`
log_line_prefix = '${LOG_LINE_PREFIX}'
pgaudit.log = 'all'
pgaudit.log_relation = on
pgaudit.log_parameter = on
log_min_duration_statement = 0
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
parallel_tuple_cost = 0
`);
  const client = await server.connect();
  for (const statement of SCHEMA) await client.query(statement);
  await client.end();
}, 300_000);

afterAll(() => server.remove());

/** Functions, triggers and event triggers, whose statements have substatement ids. */
const SCHEMA = [
  "CREATE EXTENSION pgaudit",
  "CREATE TABLE orders(id int PRIMARY KEY, note text)",
  "CREATE TABLE history(id int, at timestamptz DEFAULT now())",
  "INSERT INTO orders SELECT g, 'note' FROM generate_series(1, 20000) g",
  `CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO history(id) VALUES (new.id); RETURN new; END $$`,
  "CREATE TRIGGER remember AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION remember()",
  `CREATE FUNCTION attempt(n int) RETURNS int LANGUAGE plpgsql AS $$
    BEGIN
      IF n > 0 THEN PERFORM attempt(n - 1); END IF;
      INSERT INTO orders VALUES (1, 'again');
      RETURN n;
    EXCEPTION WHEN unique_violation THEN
      RETURN (SELECT count(*) FROM orders WHERE id = n);
    END $$`,
  `CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM count(*) FROM history; END $$`,
  "CREATE EVENT TRIGGER on_ddl ON ddl_command_end EXECUTE FUNCTION on_ddl()",
];

/** What a session may do between BEGIN and COMMIT: statements within statements, cursors, errors, parallel workers. */
const STATEMENTS = [
  "SELECT attempt(3)",
  "UPDATE orders SET note = 'new' WHERE id IN (1, 2, 3)",
  "BEGIN",
  "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM orders",
  "FETCH 3 FROM c",
  "SELECT attempt(1)",
  "SAVEPOINT s",
  "SELECT 1 / 0",
  "ROLLBACK TO s",
  "UPDATE orders SET note = 'newer' WHERE id = 4",
  "CREATE TABLE created(id int)",
  "FETCH 2 FROM c",
  "COMMIT",
  "FETCH 1 FROM c",
  "CLOSE c",
  "DROP TABLE created",
  "SELECT count(*) FROM orders WHERE note LIKE '%x%'",
  "SELECT * FROM nowhere",
  "DO $$BEGIN EXECUTE 'CREATE TEMP TABLE t AS SELECT * FROM orders LIMIT 2'; PERFORM attempt(2); RAISE NOTICE 'hint' USING HINT = 'h', DETAIL = 'd'; END$$",
  "SELECT o.id FROM orders o JOIN history h USING (id) LIMIT 3",
  "SET pgaudit.log = 'ddl'",
  "SELECT 1",
  "SET pgaudit.log = 'all'",
  "CREATE EXTENSION IF NOT EXISTS pg_trgm",
  "GRANT SELECT ON orders TO PUBLIC",
  "COPY (SELECT * FROM orders LIMIT 1) TO '/dev/null'",
  "PREPARE p(int) AS SELECT * FROM orders WHERE id = $1",
  "EXECUTE p(5)",
  "ANALYZE orders",
];

async function run(client: Client, statement: string): Promise<void> {
  await client.query(statement).catch(() => undefined);
}

/** The log of what is done in a new session, as Azure's records. */
async function trailOf(work: (client: Client) => Promise<void>): Promise<string[]> {
  await server.log.quiet();
  const start = server.log.sizes();
  const client = await server.connect({ applicationName: "test" });
  await work(client);
  await client.end();
  await server.log.quiet();
  const numbers = new LineNumbers();
  return server.log
    .since(start)
    .jsonlog.trimEnd()
    .split("\n")
    .map((text) => azure(numbers.number(JSON.parse(text) as JsonLogLine)));
}

test("nothing is missing in what a real server writes, however statements are nested", async () => {
  const trail = await trailOf(async (client) => {
    for (const statement of STATEMENTS) await run(client, statement);
    await client.query("SET pgaudit.log_rows = on");
    for (const statement of STATEMENTS) await run(client, statement);
    await client.query("SELECT $1::text, $2::int", ["a", 1]);
  });
  const { findings, servers } = check(trail);
  expect(trail.length).toBeGreaterThan(200);
  expect(findings.filter(({ explained, kind }) => !explained || kind !== "gap")).toEqual([]);
  expect(servers[0]?.complete_sessions).toBe(servers[0]?.sessions);
}, 120_000);

test.each([
  ["that follow", "2,2"],
  ["of another statement", "7,1"],
])(
  "an entry that RAISE LOG imitates with ids %s is marked",
  async (_ids, ids) => {
    const trail = await trailOf(async (client) => {
      await client.query("SELECT 1");
      await client.query(
        `DO $$BEGIN RAISE LOG 'AUDIT: SESSION,${ids},READ,SELECT,,,SELECT forged,<none>'; END$$`,
      );
      await client.query("SELECT 2");
    });
    const forged = trail.findIndex(
      (line) => line.includes("LOG:  AUDIT: SESSION,") && line.includes('SELECT forged,<none>"'),
    );
    const offset = Buffer.byteLength(`${trail.slice(0, forged).join("\n")}\n`);
    const suspects = check(trail).findings.filter(({ explained }) => !explained);
    expect(forged).toBeGreaterThan(0);
    expect(suspects.length).toBeGreaterThan(0);
    for (const { before, after } of suspects) {
      expect((before ?? after)?.file_offset).toBe(offset);
    }
  },
  120_000,
);
