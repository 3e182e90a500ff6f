import * as fs from "node:fs";
import * as path from "node:path";
import { type Notify } from "../../../common/notify";
import { type LabPaths } from "../../paths";
import { Cluster } from "./cluster";
import { postgresUser } from "./os-user";
import { type ServerParameter } from "./parameters/server-parameter";
import {
  DEFAULT_VERSION,
  ensureServerBuild,
  libraryFile,
  type MajorVersion,
  serverBuildFolder,
} from "./server-build";
import { type ParameterChange, ServerParameters } from "./server-parameters";
import { ServerRecords } from "./server-record";
import { dropDatabase, ensureAdministrator, ensureDatabase, type Query, withSql } from "./sql";

/** The states of Azure's flexible servers that local Azure uses. */
export type ServerState = "Ready" | "Starting" | "Stopped" | "Stopping" | "Updating";

export interface NewServer {
  readonly name: string;
  readonly version: MajorVersion;
  readonly administratorLogin: string;
  /** A secret. */
  readonly administratorLoginPassword: string;
}

export interface FlexibleServersOptions {
  readonly paths: LabPaths;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly notify?: Notify;
}

/** Flexible servers: PostgreSQL servers with Azure's rules. */
export class FlexibleServers {
  private readonly transitions = new Map<string, ServerState>();
  /** The versions of servers that are being created, and so have no record yet. */
  private readonly newVersions = new Map<string, MajorVersion>();
  private readonly records: ServerRecords;
  private readonly serverParameters: ServerParameters;

  constructor(private readonly options: FlexibleServersOptions) {
    this.records = new ServerRecords(options.paths.postgres);
    this.serverParameters = new ServerParameters({
      records: this.records,
      cluster: (name) => this.cluster(name),
      hasLibrary: (name, library) => {
        const { version } = this.records.requireState(name);
        return fs.existsSync(
          libraryFile(serverBuildFolder(options.paths, version), version, library),
        );
      },
      sql: (name, work) => this.sql(name, work),
    });
  }

  /** Creates a server, or sets the administrator's password of an existing one. */
  async create(server: NewServer): Promise<void> {
    const { name, version, administratorLogin, administratorLoginPassword } = server;
    await this.during(name, "Updating", async () => {
      const isNew = this.records.state(name) === undefined;
      if (isNew) {
        this.newVersions.set(name, version);
        await this.ensureBuild(name);
        const cluster = this.cluster(name);
        await cluster.initialise();
        cluster.writeParameters({});
      }
      await this.startServer(name);
      await this.sql(name, (query) =>
        ensureAdministrator(query, administratorLogin, administratorLoginPassword),
      );
      if (isNew)
        this.records.writeState(name, { version, parameters: {}, running: {}, stopped: false });
    });
  }

  /** Starts the servers that weren't stopped, after a restart of this process. */
  async resume(): Promise<void> {
    for (const name of this.records.names()) {
      if (this.records.state(name)?.stopped === false) await this.startServer(name);
    }
  }

  /** Ends every server process; `resume` starts them again. */
  async close(): Promise<void> {
    for (const name of this.records.names()) await this.cluster(name).stop();
  }

  async delete(name: string): Promise<void> {
    await this.cluster(name).remove();
  }

  start(name: string): Promise<void> {
    return this.during(name, "Starting", async () => {
      await this.startServer(name);
      this.records.writeState(name, { ...this.records.requireState(name), stopped: false });
    });
  }

  stop(name: string): Promise<void> {
    return this.during(name, "Stopping", async () => {
      await this.cluster(name).stop();
      this.records.writeState(name, { ...this.records.requireState(name), stopped: true });
    });
  }

  restart(name: string): Promise<void> {
    return this.during(name, "Updating", async () => {
      await this.cluster(name).stop();
      await this.startServer(name);
    });
  }

  state(name: string): ServerState {
    return this.transitions.get(name) ?? (this.cluster(name).isRunning ? "Ready" : "Stopped");
  }

  /** `18` of 15.18. */
  async minorVersion(name: string): Promise<string> {
    const [row] = await this.sql(name, (query) =>
      query<{ server_version: string }>("SHOW server_version"),
    );
    return row?.server_version.split(" ")[0]?.split(".")[1] ?? "0";
  }

  createDatabase(server: string, name: string): Promise<void> {
    return this.sql(server, (query) => ensureDatabase(query, name));
  }

  dropDatabase(server: string, name: string): Promise<void> {
    return this.sql(server, (query) => dropDatabase(query, name));
  }

  /** The server parameters that Azure lists; also of a stopped server. */
  parameters(server: string): Promise<ServerParameter[]> {
    return this.serverParameters.list(server);
  }

  /** @param name in any letter case, as for all resources */
  parameter(server: string, name: string): Promise<ServerParameter | undefined> {
    return this.serverParameters.find(server, name);
  }

  /** @throws InvalidParameterError if the change is refused before it starts; a read-only parameter is refused later */
  async requireValidChange(server: string, name: string, change: ParameterChange): Promise<void> {
    await this.serverParameters.requireValidChange(server, name, change);
  }

  /** @throws InvalidParameterError if the server refuses the value; nothing is changed then */
  setParameter(server: string, name: string, change: ParameterChange): Promise<void> {
    return this.during(server, "Updating", () => this.serverParameters.set(server, name, change));
  }

  /** The parameter's written value; a query would add lines to the server's log. */
  async logLinePrefix(server: string): Promise<string> {
    return this.serverParameters.writtenValue(server, "log_line_prefix");
  }

  /** The server writes its log there, one JSON object per line. */
  logFolder(name: string): string {
    return this.cluster(name).logFolder;
  }

  /** If a new start value prevents the start, the pending parameters are reset and the server runs as before. */
  private async startServer(name: string): Promise<void> {
    if (this.cluster(name).isRunning) return this.startProcess(name);
    await this.ensureBuild(name);
    const state = this.records.state(name);
    try {
      await this.startProcess(name);
    } catch (error) {
      const reset = state ? await this.serverParameters.resetPending(name, state) : [];
      if (reset.length === 0) throw error;
      await this.startProcess(name);
      throw new Error(
        `The server did not start with ${reset.join(", ")}; after a reset of these parameters it runs as before. ${String(error)}`,
      );
    }
    if (state) this.records.writeState(name, { ...state, running: state.parameters });
    await this.serverParameters.readSettings(name);
  }

  private async startProcess(name: string): Promise<void> {
    await this.cluster(name).start(async () => {
      try {
        await this.sql(name, (query) => query("SELECT"));
        return true;
      } catch {
        return false;
      }
    });
  }

  private async during<T>(name: string, state: ServerState, work: () => Promise<T>): Promise<T> {
    this.transitions.set(name, state);
    try {
      return await work();
    } finally {
      this.transitions.delete(name);
    }
  }

  private sql<T>(name: string, work: (query: Query) => Promise<T>): Promise<T> {
    const { port, paths } = this.options;
    const options = {
      port,
      password: this.cluster(name).superuserPassword,
      ca: fs.readFileSync(paths.caCertificate, "utf8"),
    };
    return withSql(options, work);
  }

  private async ensureBuild(name: string): Promise<void> {
    const { paths, notify = () => undefined } = this.options;
    await ensureServerBuild(paths, this.versionOf(name), notify);
  }

  /** A server that has neither was never started, and is only deleted. */
  private versionOf(name: string): MajorVersion {
    return this.records.state(name)?.version ?? this.newVersions.get(name) ?? DEFAULT_VERSION;
  }

  private cluster(name: string): Cluster {
    const { paths, port, tls } = this.options;
    const version = this.versionOf(name);
    return new Cluster({
      version,
      build: serverBuildFolder(paths, version),
      folder: this.records.folderOf(name),
      superuserPasswordFile: path.join(paths.secrets, `${name}-superuser-password`),
      port,
      tls,
      user: postgresUser(),
    });
  }
}
