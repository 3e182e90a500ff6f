import { Client, type QueryResultRow } from "pg";
import { LOOPBACK } from "../../../common/ports";
import { SUPERUSER } from "./cluster";

export interface SqlOptions {
  readonly port: number;
  readonly password: string;
  /** Text of the lab CA's certificate. */
  readonly ca: string;
  /** @default postgres */
  readonly database?: string;
}

/** Runs statements as Azure's superuser over verified TLS, each connection for one piece of work. */
export async function withSql<T>(
  options: SqlOptions,
  work: (
    query: <R extends QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>,
  ) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: LOOPBACK,
    port: options.port,
    user: SUPERUSER,
    password: options.password,
    database: options.database ?? "postgres",
    application_name: "azure",
    // The statement that sets the administrator's password stays out of the server's log, whatever that logs.
    options:
      "-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic",
    ssl: { ca: options.ca },
    connectionTimeoutMillis: 10_000,
  });
  // A restart ends the connection under us; the query in flight says so by itself.
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

/** An SQL identifier, quoted. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** An SQL string, quoted. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
