import { Client, type QueryResultRow } from "pg";
import { sqlIdentifier as identifier, sqlLiteral as literal } from "../../../common/sql-quote";
import { SUPERUSER } from "./cluster";

export interface SqlOptions {
  readonly address: string;
  readonly port: number;
  /** In the server's certificate. */
  readonly hostName: string;
  readonly password: string;
  /** Text of the lab CA's certificate. */
  readonly ca: string;
}

export type Query = <R extends QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>;

/** Runs statements in a session of Azure's superuser, over verified TLS. */
export async function withSql<T>(
  options: SqlOptions,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: options.address,
    port: options.port,
    user: SUPERUSER,
    password: options.password,
    database: "postgres",
    application_name: "azure",
    // Keeps the statement that sets the administrator's password out of the server's log, whatever is logged.
    options:
      "-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic",
    ssl: { ca: options.ca, servername: options.hostName },
    connectionTimeoutMillis: 10_000,
  });
  // A restart of the server ends the connection; the running query reports that itself.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(async <R extends QueryResultRow>(text: string, values?: unknown[]) => {
      return (await client.query<R>(text, values)).rows;
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The administrator's group role: on Azure, its members have most rights of a superuser. */
const ADMINISTRATORS = "azure_pg_admin";

/**
 * Creates the administrator's role, or changes its password. Administrators may set pgAudit's parameters for a role or database,
 * which PostgreSQL allows superusers only. Source: pgaudit issue 281, on a flexible server of PostgreSQL 16.
 * @param auditParameters the names of pgAudit's parameters
 */
export async function ensureAdministrator(
  query: Query,
  login: string,
  password: string,
  auditParameters: readonly string[],
) {
  // CREATE ROLE has no IF NOT EXISTS, and an interrupted run may have created the roles.
  const exists = async (role: string) =>
    (await query("SELECT FROM pg_roles WHERE rolname = $1", [role])).length > 0;
  if (!(await exists(ADMINISTRATORS))) await query(`CREATE ROLE ${ADMINISTRATORS} NOLOGIN`);
  await query(`GRANT SET ON PARAMETER ${auditParameters.join(", ")} TO ${ADMINISTRATORS}`);
  if (!(await exists(login))) {
    await query(
      `CREATE ROLE ${identifier(login)} LOGIN CREATEDB CREATEROLE IN ROLE ${ADMINISTRATORS}`,
    );
  }
  await query(`ALTER ROLE ${identifier(login)} PASSWORD ${literal(password)}`);
}

export async function databaseNames(query: Query): Promise<string[]> {
  const rows = await query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname",
  );
  return rows.map(({ datname }) => datname);
}

export async function ensureDatabase(query: Query, name: string): Promise<void> {
  const existing = await query("SELECT FROM pg_database WHERE datname = $1", [name]);
  if (existing.length > 0) return;
  await query(`CREATE DATABASE ${identifier(name)} OWNER ${ADMINISTRATORS} TEMPLATE template0`);
}

export async function dropDatabase(query: Query, name: string): Promise<void> {
  await query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`);
}
