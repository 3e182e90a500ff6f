/**
 * Runs SQL on a flexible server as its administrator, over verified TLS, in one transaction a database. `pulumi up` runs it
 * where the stack has no VM; scripts/vm/run-sql.sh is the same on a VM.
 *
 *     node --import tsx scripts/run-sql.ts apply|remove
 *
 * Environment: PGHOST, PGPORT and PGUSER; SQL and REMOVAL_SQL; SQL_DATABASES, a JSON list, empty for every database. Standard
 * input: the password, a line; what follows is SQL with a secret, which `apply` runs after SQL.
 * POSTGRES_CONNECT_TO (host:port) is where to connect to for a name that this machine can't resolve, as AUDIT_CONNECT_TO is for blobs.
 */
import * as fs from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import { type Notify } from "../common/notify";
import { runMain } from "../common/run-main";

/** Azure's own databases can't be entered or changed. Source: "Supported databases" of a flexible server. */
const ALL_DATABASES = `SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate
  AND datname NOT IN ('azure_maintenance', 'azure_sys') ORDER BY datname`;

const CONNECT_TIMEOUT_SECONDS = 10;
/** The longest time until a server that restarts, or a new DNS name, answers. */
const WAIT_SECONDS = 180;

/** Errors around a restart of the server: of sockets, and of PostgreSQL (cannot_connect_now, admin_shutdown). */
const TEMPORARY = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "57P03", "57P01"];

/** By an error's code: what it means and what to do. Source: PostgreSQL's appendix "Error Codes"; Node's system errors. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  ENOTFOUND:
    "This machine can't resolve the server's name: a private server is reached from inside its network only.",
  ECONNREFUSED: "Nothing listens at the server's address and port; the server may be stopped.",
  ETIMEDOUT:
    "The server doesn't answer; its firewall may not allow this machine's address (sshSourceAddressPrefixes).",
  "28P01": "The server refuses the administrator's password.",
  "28000": "The server's firewall doesn't allow this machine, or the server refuses the user.",
  "3D000": "The server has no such database.",
  "0A000": "The server doesn't allow this extension: add it to azure.extensions.",
  "42501": "The administrator may not do that; an extension must be in azure.extensions first.",
};

export interface SqlWork {
  readonly server: Pick<ClientConfig, "host" | "port" | "user" | "password" | "ssl">;
  readonly sql: string;
  /** Undefined: every database that accepts connections, except Azure's own. */
  readonly databases?: readonly string[];
}

/** Runs the SQL in each database. @throws Error that names the database, the cause and what to do */
export async function runSql(
  { server, sql, databases }: SqlWork,
  notify: Notify,
  waitSeconds = WAIT_SECONDS,
): Promise<void> {
  const run = (database: string, text: string) =>
    repeated(() => inTransaction({ ...server, database }, text, notify), waitSeconds, notify);
  const names = databases ?? (await run("postgres", ALL_DATABASES));
  for (const database of names) {
    const printed = await run(database, sql);
    notify(`${database}: ${printed.join(", ") || "done"}`);
  }
}

/** Returns the first column of the last statement's rows; warnings are notified. */
async function inTransaction(config: ClientConfig, sql: string, notify: Notify): Promise<string[]> {
  const client = new Client({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_SECONDS * 1000 });
  // A restart of the server ends the connection; the running query reports that itself.
  client.on("error", () => undefined);
  client.on("notice", ({ message }) => notify(`${config.database}: WARNING: ${message}`));
  try {
    await client.connect();
    const results = await client.query({
      text: `BEGIN; SET LOCAL client_min_messages = warning; ${sql}\n; COMMIT`,
      rowMode: "array",
    });
    const rows = [results].flat().flatMap((result) => result.rows as unknown[][]);
    return rows.map((row) => String(row[0]));
  } catch (error) {
    throw explained(error as Error & { code?: string }, config);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function explained(error: Error & { code?: string }, { database }: ClientConfig): Error {
  const code = /timeout/.test(error.message) ? "ETIMEDOUT" : (error.code ?? "");
  const what = `in database ${database}: ${error.message}`;
  return Object.assign(new Error([what, EXPLANATIONS[code]].filter(Boolean).join("\n")), { code });
}

async function repeated<T>(work: () => Promise<T>, seconds: number, notify: Notify): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { code = "", message } = error as Error & { code?: string };
      if (!TEMPORARY.includes(code) || Date.now() >= deadline) throw error;
      if (attempt === 1) notify(`waiting: ${message.split("\n")[0]}`);
    }
    await delay(2000);
  }
}

async function main(): Promise<void> {
  const [password = "", ...secretSql] = fs.readFileSync(0, "utf8").split("\n");
  const { PGHOST = "", PGPORT, PGUSER, SQL = "", REMOVAL_SQL = "", SQL_DATABASES } = process.env;
  const [host = PGHOST, port = PGPORT] = process.env.POSTGRES_CONNECT_TO?.split(":") ?? [];
  const sql = process.argv[2] === "remove" ? REMOVAL_SQL : [SQL, ...secretSql].join("\n");
  if (sql.trim() === "") return;
  await runSql(
    {
      server: { host, port: Number(port), user: PGUSER, password, ssl: { servername: PGHOST } },
      sql,
      databases: SQL_DATABASES ? (JSON.parse(SQL_DATABASES) as string[]) : undefined,
    },
    console.log,
  );
}

if (require.main === module) runMain(main, "run-sql");
