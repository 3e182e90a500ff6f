/**
 * Writes the fixtures of this folder's tests: the log of a real PostgreSQL 15 with pgAudit, as csvlog, jsonlog and
 * plain text, of sessions that cause every kind of line.
 *
 *     npx tsx test/unit/audit/decode/capture.ts
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Client } from "pg";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { Cluster, SUPERUSER } from "../../../../local/backends/postgres/cluster";
import { ensureServerBuild } from "../../../../local/backends/postgres/server-build";
import { postgresUser } from "../../../../local/backends/postgres/os-user";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../../../local/tls/certificate-authority";
import { LabPaths } from "../../../../local/paths";
import { pollUntil } from "../../../../common/poll";
import { choosePort, LOOPBACK } from "../../../../common/ports";
import { type CapturedSession, PREFIX_SESSION, PREFIXES, SESSIONS } from "./capture-sessions";

const FIXTURES = path.join(__dirname, "fixtures");
const PORT = 55432;
const LOG_NAME = "capture";

const PARAMETERS = `
shared_preload_libraries = 'pgaudit'
local_preload_libraries = ''
log_destination = 'stderr,csvlog,jsonlog'
log_filename = '${LOG_NAME}.log'
log_timezone = 'UTC'
ssl = on
log_line_prefix = '${LOG_LINE_PREFIX}'
log_connections = on
log_disconnections = on
log_checkpoints = on
compute_query_id = on
fsync = off
`;

async function main(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-capture-"));
  fs.chmodSync(folder, 0o755);
  const paths = new LabPaths(folder);
  await ensureCertificateAuthority(paths);
  const port = await choosePort(PORT);
  const version = "15";
  const cluster = new Cluster({
    version,
    build: await ensureServerBuild(new LabPaths(), version, console.log),
    folder: path.join(folder, "cluster"),
    superuserPasswordFile: path.join(folder, "password"),
    port,
    tls: await ensureServerCertificate(paths, "capture", ["localhost"]),
    user: postgresUser(),
  });
  const server = { port, password: "", ca: fs.readFileSync(paths.caCertificate, "utf8") };
  try {
    await cluster.initialise();
    cluster.writeDataFile("parameters.conf", PARAMETERS);
    cluster.writeDataFile("pg_hba.conf", `hostssl all all ${LOOPBACK}/32 scram-sha-256\n`);
    server.password = cluster.superuserPassword;
    await cluster.start(() => canConnect(server));
    const log = new CapturedLog(cluster.logFolder);
    await log.quiet();
    const start = log.sizes();
    for (const session of SESSIONS) await run(session, server);
    await log.quiet();
    const { csvlog, jsonlog } = log.since(start);
    fs.writeFileSync(path.join(FIXTURES, "trail.csvlog"), csvlog);
    fs.writeFileSync(path.join(FIXTURES, "trail.jsonlog"), jsonlog);
    const lines: string[] = [];
    for (const prefix of PREFIXES) lines.push(...(await capturePrefix(prefix, server, log)));
    fs.writeFileSync(path.join(FIXTURES, "prefixes.jsonl"), `${lines.join("\n")}\n`);
  } finally {
    await cluster.remove();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

interface Server {
  readonly port: number;
  password: string;
  readonly ca: string;
}

async function connect(session: CapturedSession, server: Server): Promise<Client> {
  const client = new Client({
    host: LOOPBACK,
    port: server.port,
    user: session.user ?? SUPERUSER,
    password: session.user === undefined ? server.password : "wonderland",
    database: session.database ?? "postgres",
    application_name: session.applicationName,
    ssl: { ca: server.ca, servername: "localhost" },
  });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

const canConnect = (server: Server): Promise<boolean> =>
  connect({ statements: [] }, server).then(
    (client) => client.end().then(() => true),
    () => false,
  );

async function run(session: CapturedSession, server: Server): Promise<void> {
  const tolerate = (error: unknown): void => {
    if (!session.mayFail) throw error;
  };
  let client: Client;
  try {
    client = await connect(session, server);
  } catch (error) {
    tolerate(error);
    return;
  }
  for (const [name, value] of Object.entries(session.settings ?? {})) {
    await client.query("SELECT set_config($1, $2, false)", [name, value]);
  }
  for (const statement of session.statements) {
    const query =
      typeof statement === "string"
        ? { text: statement }
        : { ...statement, values: [...statement.values] };
    await client.query(query).catch(tolerate);
  }
  await client.end();
}

/** PostgreSQL's log in its three formats. */
class CapturedLog {
  private static readonly kinds = ["log", "csv", "json"] as const;

  constructor(private readonly folder: string) {}

  private file(kind: string): string {
    return path.join(this.folder, `${LOG_NAME}.${kind}`);
  }

  sizes(): number[] {
    return CapturedLog.kinds.map((kind) => fs.statSync(this.file(kind)).size);
  }

  since(start: readonly number[]): { stderr: string; csvlog: string; jsonlog: string } {
    const [stderr = "", csvlog = "", jsonlog = ""] = CapturedLog.kinds.map((kind, index) =>
      fs.readFileSync(this.file(kind)).subarray(start[index]).toString(),
    );
    return { stderr, csvlog, jsonlog };
  }

  /** Resolves when nothing has been written for a while: a session's end is logged after the client has left. */
  async quiet(): Promise<void> {
    let last = "";
    await pollUntil(
      () => {
        const now = this.sizes().join();
        const isQuiet = now === last;
        last = now;
        return isQuiet;
      },
      { what: "the log to fall silent", timeoutSeconds: 30, intervalMilliseconds: 1000 },
    );
  }
}

/** Lines of plain log with their jsonlog, as JSON: a session's, and a background process's at a checkpoint. */
async function capturePrefix(
  prefix: string,
  server: Server,
  log: CapturedLog,
): Promise<readonly string[]> {
  const superuser = await connect({ statements: [] }, server);
  await superuser.query(`ALTER SYSTEM SET log_line_prefix = '${prefix}'`);
  await superuser.query("SELECT pg_reload_conf()");
  await superuser.end();
  await log.quiet();
  const start = log.sizes();
  await run(PREFIX_SESSION, server);
  const checkpointer = await connect({ statements: [] }, server);
  await checkpointer.query("CHECKPOINT");
  await checkpointer.end();
  await log.quiet();
  const { stderr, jsonlog } = log.since(start);
  const plain = stderr.split("\n").filter((line) => !/(?:STATEMENT|DETAIL):  /.test(line));
  return jsonlog
    .trimEnd()
    .split("\n")
    .map((json, index) => {
      const entry = JSON.parse(json) as JsonLogLine;
      const line = plain[index] ?? "";
      const end = line.indexOf(`${entry.error_severity}:  ${entry.message.split("\n")[0]}`);
      if (end < 0) throw new Error(`The logs differ:\n${line}\n${json}`);
      return JSON.stringify({ format: prefix, prefix: line.slice(0, end), line: entry });
    });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
