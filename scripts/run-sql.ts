/**
 * Runs SQL on a flexible server as its administrator, over verified TLS, in one transaction a database. `pulumi up` runs it.
 *
 *     node --import tsx scripts/run-sql.ts apply|remove
 *
 * Environment: PGHOST, PGPORT and PGUSER; SQL and REMOVAL_SQL; SQL_DATABASES, a JSON list, empty for every database. With
 * VM_HOST, VM_PORT, VM_USER and VM_HOST_KEY the connection goes through this VM, which then resolves the server's name.
 * Standard input, JSON: the password; vmPrivateKey; secretSql, which `apply` runs after SQL.
 * POSTGRES_CONNECT_TO (host:port) is where to connect to for a name that this machine can't resolve, as AUDIT_CONNECT_TO is for blobs.
 */
import * as fs from "node:fs";
import { type Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import { type Notify } from "../common/notify";
import { runMain } from "../common/run-main";
import { SshTunnel } from "./ssh-tunnel";

/** Azure's own databases can't be entered or changed. Source: "Supported databases" of a flexible server. */
const ALL_DATABASES = `SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate
  AND datname NOT IN ('azure_maintenance', 'azure_sys') ORDER BY datname`;

const CONNECT_TIMEOUT_SECONDS = 10;
/** The longest time until a server or VM that restarts, or a new DNS name, answers. */
const WAIT_SECONDS = 180;
/** Pulumi's command plugin waits for ever after a line of 64 KiB. Source: LogOutput in util.go of pulumi/pulumi-command. */
const LONGEST_LINE_CHARACTERS = 16_000;

/** Errors around a restart of the server: of sockets, and of PostgreSQL (cannot_connect_now, admin_shutdown). */
const TEMPORARY =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|VM_UNREACHABLE|57P03|57P01) /;

/**
 * What an error means and what to do; the first match of its code and message counts. Source: PostgreSQL's appendix "Error
 * Codes"; Node's errors; https://learn.microsoft.com/azure/postgresql/extensions/how-to-allow-extensions
 */
const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [
    /not allow-listed|permission denied to create extension/,
    "The server doesn't allow this extension: it must be in the server parameter azure.extensions first.",
  ],
  [
    /permission denied to set parameter/,
    "Only members of azure_pg_admin can set this parameter for a role or database, on PostgreSQL 15 or later. Leave out audit.roles and audit.databases.",
  ],
  [
    /must be loaded via shared_preload_libraries/,
    "The server has not loaded pgaudit. Add it to shared_preload_libraries and restart the server: a static parameter takes effect at a restart.",
  ],
  [
    /extension control file|is not available/,
    "This server's version of PostgreSQL doesn't offer pgaudit.",
  ],
  [
    /^(ENOTFOUND|EAI_AGAIN) /,
    "The server's name can't be resolved: a private server is reached from inside its network only. Check the DNS (or the private DNS zone).",
  ],
  [
    /^ECONNREFUSED /,
    "Nothing listens at the server's address and port; the server may be stopped.",
  ],
  [
    /^ETIMEDOUT /,
    "The server doesn't answer; its firewall may not allow this machine's address (sshSourceAddressPrefixes), or the VM's, or the network security group or the peering doesn't.",
  ],
  [
    /^VM_UNREACHABLE /,
    "The VM doesn't answer by SSH: it may be off, or not allow this machine's address (sshSourceAddressPrefixes).",
  ],
  [
    /^VM_REFUSED /,
    "The VM has another host key, or refuses the lab's key: ./lab status says what to do.",
  ],
  [
    /^VM_FORWARDING /,
    "The VM's sshd forbids TCP forwarding, by which SQL reaches the server: set AllowTcpForwarding yes there.",
  ],
  [
    /CERT|certificate/,
    "The server's certificate couldn't be verified, or is for another name. Check this machine's clock and its certificate authorities (NODE_EXTRA_CA_CERTS).",
  ],
  [
    /^28P01 /,
    "The server refuses the administrator's password. If it was changed outside Pulumi, this sets a new one: pulumi up --replace '**administrator-password' (the lab on one machine: ./lab up); for an existing server, set postgres.administratorPassword.",
  ],
  [
    /^28000 /,
    "The server's firewall doesn't allow this machine or the VM, or the server refuses the user.",
  ],
  [/^3D000 /, "The server has no such database."],
  [/^53300 /, "The server has no free connection. Close some, or raise max_connections."],
  [/^42501 /, "The administrator may not do that."],
];

export interface SqlTarget extends Pick<
  ClientConfig,
  "host" | "port" | "user" | "password" | "ssl"
> {
  /** Connects through a VM. */
  readonly tunnel?: Pick<SshTunnel, "connect">;
}

export interface SqlWork {
  readonly server: SqlTarget;
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
async function inTransaction(
  { tunnel, ...config }: SqlTarget & { readonly database: string },
  sql: string,
  notify: Notify,
): Promise<string[]> {
  let client: Client | undefined;
  try {
    const stream = await tunnel?.connect(config.host ?? "", config.port ?? 0);
    client = sqlClient(config, stream, notify);
    await client.connect();
    const results = await client.query({
      text: `BEGIN; SET LOCAL client_min_messages = warning; ${sql}\n; COMMIT`,
      rowMode: "array",
      // As PostgreSQL writes them: pg would parse JSON.
      types: { getTypeParser: () => String },
    });
    const rows = [results].flat().flatMap((result) => result.rows as unknown[][]);
    return rows.map((row) => String(row[0]));
  } catch (error) {
    throw explained(error as Error & { code?: string }, config.database);
  } finally {
    await client?.end().catch(() => undefined);
  }
}

function sqlClient(config: ClientConfig, stream: Duplex | undefined, notify: Notify): Client {
  const client = new Client({
    ...config,
    connectionTimeoutMillis: CONNECT_TIMEOUT_SECONDS * 1000,
    ...(stream && { stream: () => stream }),
  });
  // A restart of the server ends the connection; the running query reports that itself.
  client.on("error", () => undefined);
  client.on("notice", ({ message }) => notify(`${config.database}: WARNING: ${message}`));
  return client;
}

function explained(error: Error & { code?: string }, database: string): Error {
  const { message } = error;
  const code =
    error.code ??
    (/timeout/.test(message) ? "ETIMEDOUT" : /terminated/.test(message) ? "ECONNRESET" : "");
  const [, explanation] =
    EXPLANATIONS.find(([pattern]) => pattern.test(`${code} ${message}`)) ?? [];
  const text = [`in database ${database}: ${message}`, explanation].filter(Boolean).join("\n");
  return Object.assign(new Error(text), { code });
}

async function repeated<T>(work: () => Promise<T>, seconds: number, notify: Notify): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { code = "", message } = error as Error & { code?: string };
      if (!TEMPORARY.test(`${code} `) || Date.now() >= deadline) throw error;
      if (attempt === 1) notify(`waiting: ${message.split("\n")[0]}`);
    }
    await delay(2000);
  }
}

/** Of standard input. */
interface Secrets {
  readonly password: string;
  readonly secretSql?: string;
  readonly vmPrivateKey?: string;
}

async function main(): Promise<void> {
  const { password, secretSql, vmPrivateKey } = JSON.parse(fs.readFileSync(0, "utf8")) as Secrets;
  const { env } = process;
  const sql =
    process.argv[2] === "remove"
      ? env.REMOVAL_SQL
      : [env.SQL, secretSql].filter(Boolean).join("\n");
  if (!sql?.trim()) return;
  const tunnel = tunnelFrom(env, vmPrivateKey);
  const direct = tunnel === undefined ? env.POSTGRES_CONNECT_TO?.split(":") : undefined;
  const [host = env.PGHOST ?? "", port = env.PGPORT] = direct ?? [];
  const notify = (line: string) => console.log(line.slice(0, LONGEST_LINE_CHARACTERS));
  try {
    await runSql(
      {
        server: {
          ...{ host, port: Number(port), user: env.PGUSER, password, tunnel },
          ssl: { servername: env.PGHOST },
        },
        sql,
        databases: env.SQL_DATABASES ? (JSON.parse(env.SQL_DATABASES) as string[]) : undefined,
      },
      notify,
    );
  } finally {
    await tunnel?.close();
  }
}

function tunnelFrom(env: NodeJS.ProcessEnv, privateKey = ""): SshTunnel | undefined {
  const { VM_HOST: host, VM_PORT: port, VM_USER: user = "", VM_HOST_KEY: hostKey = "" } = env;
  if (!host) return undefined;
  return new SshTunnel({ host, port: Number(port), user, hostKey, privateKey });
}

if (require.main === module) runMain(main, "run-sql");
