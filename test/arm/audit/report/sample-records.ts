import { Random } from "../../../../bench/audit/events";
import { type LogRecord } from "../../../../audit/record";
import { type FindingSource } from "../../../../audit/report/notable-rules";
import { logRecord } from "../../../unit/audit/records";

const USERS = ["app", "app", "app", "app", "reporting", "alice", "bob", "etl_nightly", "pgadmin"];
const TABLES = ["orders", "order_lines", "customers", "products", "invoices", "stock", "ledger"];
const KINDS: readonly [weight: number, make: (random: Random) => Partial<LogRecord>][] = [
  [
    60,
    (random) =>
      statement("READ", "SELECT", "TABLE", `SELECT *\nFROM ${table(random)}\nWHERE id = $1`),
  ],
  [
    20,
    (random) =>
      statement(
        "WRITE",
        "UPDATE",
        "TABLE",
        `UPDATE ${table(random)} SET note = 'naïve ☕ “quoted”'`,
      ),
  ],
  [8, () => statement("FUNCTION", "EXECUTE", "FUNCTION", "SELECT pg_sleep(0.01)")],
  [
    3,
    () =>
      statement("DDL", "CREATE INDEX", "INDEX", "CREATE INDEX CONCURRENTLY ON orders (placed_at)"),
  ],
  [
    1,
    () =>
      statement("ROLE", "GRANT", "", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reporting"),
  ],
  [5, () => statement("MISC_SET", "SET", "", "SET search_path = public")],
  [
    2,
    () => ({
      ...MESSAGE,
      kind: "error",
      error_severity: "ERROR",
      sql_state_code: "42P01",
      message: 'relation "odrers" does not exist',
    }),
  ],
  [
    1,
    () => ({
      ...MESSAGE,
      kind: "connection",
      message: "connection received: host=10.1.2.3 port=50412",
    }),
  ],
];
const MESSAGE: Partial<LogRecord> = {
  ...{ audit_type: null, class: null, command: null, object_type: null, object_name: null },
  ...{ statement: null, statement_id: null, substatement_id: null },
};
const START = Date.parse("2026-11-22T08:00:00Z");

/** Realistic records over a working day, the same ones for a seed, oldest first. */
export function sampleRecords(length: number, seed = 5): LogRecord[] {
  const random = new Random(seed);
  const step = (10 * 3600 * 1000) / length;
  return Array.from({ length }, (_, index) => {
    const fields = pickKind(random)(random);
    const schema = fields.object_type === "TABLE" ? { object_name: `public.${table(random)}` } : {};
    return logRecord({
      time: new Date(START + Math.floor((index + random.next()) * step)).toISOString(),
      user_name: random.pick(USERS),
      client: `10.1.2.${Math.floor(random.next() * 40)}`,
      process_id: 1000 + Math.floor(random.next() * 90),
      statement_id: index,
      parameters: fields.class === "READ" ? [String(Math.floor(random.next() * 1e6))] : null,
      file_offset: index * 512,
      ...fields,
      ...schema,
    });
  });
}

function statement(
  className: string,
  command: string,
  objectType: string,
  text: string,
): Partial<LogRecord> {
  const isNamed = objectType !== "";
  return {
    ...{ class: className, command, statement: text },
    object_type: isNamed ? objectType : null,
    object_name: isNamed ? `public.${objectType.toLowerCase()}_1` : null,
  };
}

const table = (random: Random) => random.pick(TABLES);

function pickKind(random: Random) {
  let point = random.next() * KINDS.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of KINDS) {
    point -= weight;
    if (point < 0) return make;
  }
  return KINDS[0]![1];
}

/** Findings of two rules: each GRANT, and a burst of errors. */
export function findingsOf(records: readonly LogRecord[]): FindingSource {
  const finding = {
    ...{ server: null, user_name: null, database_name: null, client: null },
    ...{ command: null, object_name: null, last_time: null, file: null, file_offset: null },
    count: 1,
  };
  const errors = records.filter(({ kind }) => kind === "error").slice(0, 8);
  return {
    listen: (listener) => {
      for (const { time, command, file, file_offset, statement } of records) {
        if (command !== "GRANT") continue;
        listener({
          ...{ ...finding, time, file, file_offset, text: statement ?? "" },
          ...{ rule: "Privileges granted or revoked", rule_id: "privileges", level: "high" },
        });
      }
      listener({
        ...{ ...finding, server: "pgflex", text: "8 records, within 2h, server pgflex" },
        ...{ time: errors[0]?.time ?? "", last_time: errors.at(-1)?.time ?? "" },
        ...{ rule: "Many errors of a server", rule_id: "many-errors", level: "medium" },
      });
    },
  };
}
