import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Client } from "pg";
import { Cluster, SUPERUSER } from "../../local/backends/postgres/cluster";
import { ensureServerBuild } from "../../local/backends/postgres/server-build";
import { postgresUser } from "../../local/backends/postgres/os-user";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../local/tls/certificate-authority";
import { LabPaths } from "../../local/paths";
import { pollUntil } from "../../common/poll";
import { choosePort, LOOPBACK } from "../../common/ports";

const PORT = 55432;
const LOG_NAME = "capture";
const VERSION = "15";

const PARAMETERS = `
shared_preload_libraries = 'pgaudit'
local_preload_libraries = ''
log_destination = 'stderr,csvlog,jsonlog'
log_filename = '${LOG_NAME}.log'
log_timezone = 'UTC'
ssl = on
log_connections = on
log_disconnections = on
log_checkpoints = on
compute_query_id = on
fsync = off
`;

export interface Session {
  /** @default the superuser */
  readonly user?: string;
  readonly password?: string;
  /** @default postgres */
  readonly database?: string;
  readonly applicationName?: string;
}

/** A PostgreSQL with pgAudit that writes its log in all three formats. */
export class AuditedServer {
  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly cluster: Cluster,
    readonly log: CapturedLog,
  ) {}

  /** @param parameters further lines of the configuration */
  static async start(parameters: string): Promise<AuditedServer> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "audited-server-"));
    fs.chmodSync(folder, 0o755);
    const paths = new LabPaths(folder);
    await ensureCertificateAuthority(paths);
    const port = await choosePort(PORT);
    const cluster = new Cluster({
      version: VERSION,
      build: await ensureServerBuild(new LabPaths(), VERSION, console.log),
      folder: path.join(folder, "cluster"),
      superuserPasswordFile: path.join(folder, "password"),
      ...{ address: LOOPBACK, port },
      tls: await ensureServerCertificate(paths, "capture", ["localhost"]),
      user: postgresUser(),
    });
    const server = new AuditedServer(folder, port, cluster, new CapturedLog(cluster.logFolder));
    try {
      await cluster.initialise();
      cluster.writeDataFile("parameters.conf", PARAMETERS + parameters);
      cluster.writeDataFile("pg_hba.conf", `hostssl all all ${LOOPBACK}/32 scram-sha-256\n`);
      await cluster.start(() => server.canConnect());
      await server.log.quiet();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  async connect({ user, password, database, applicationName }: Session = {}): Promise<Client> {
    const client = new Client({
      host: LOOPBACK,
      port: this.port,
      user: user ?? SUPERUSER,
      password: user === undefined ? this.cluster.superuserPassword : password,
      database: database ?? "postgres",
      application_name: applicationName,
      ssl: {
        ca: fs.readFileSync(new LabPaths(this.folder).caCertificate, "utf8"),
        servername: "localhost",
      },
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  async remove(): Promise<void> {
    await this.cluster.remove();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private canConnect(): Promise<boolean> {
    return this.connect().then(
      (client) => client.end().then(() => true),
      () => false,
    );
  }
}

/** PostgreSQL's log in its three formats. */
export class CapturedLog {
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
