import * as fs from "node:fs";
import * as path from "node:path";
import { LOOPBACK } from "../../../common/ports";
import { describeEnd, type ProcessEnd } from "../../../common/child-process";
import { type Notify } from "../../../common/notify";
import { Turns } from "../../../common/turns";
import { type LabPaths } from "../../paths";
import { columnOf, freeAddress } from "../loopback-addresses";
import { Cluster, type ServerProblem } from "./cluster";
import { postgresUser } from "./os-user";
import { azureTable } from "./parameters/azure-table";
import { type ServerParameter } from "./parameters/server-parameter";
import {
  DEFAULT_VERSION,
  ensureServerBuild,
  libraryFile,
  type MajorVersion,
  serverBuildFolder,
} from "./server-build";
import { type ParameterChange, ServerParameters } from "./server-parameters";
import { ServerRecords, type ServerRecordState } from "./server-record";
import {
  databaseNames,
  dropDatabase,
  ensureAdministrator,
  ensureDatabase,
  type Query,
  withSql,
} from "./sql";

/** The states of Azure's flexible servers that local Azure uses. */
export type ServerState = "Ready" | "Starting" | "Stopped" | "Stopping" | "Updating";

export interface NewServer {
  readonly name: string;
  readonly version: MajorVersion;
  readonly administratorLogin: string;
  /** A secret. */
  readonly administratorLoginPassword: string;
}

/** What clients reach the servers by. */
export interface ServerGateway {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface FlexibleServersOptions {
  readonly paths: LabPaths;
  /** Of each server, on its own address, and of the gateway. */
  readonly port: number;
  /** The lab's own; the servers' addresses are in the same column. */
  readonly labAddress: string;
  readonly gateway: ServerGateway;
  /** Paths of PEM files. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly notify?: Notify;
}

type Place = Pick<ServerRecordState, "version" | "address">;

const NEVER_STARTED: Place = { version: DEFAULT_VERSION, address: LOOPBACK };

/** The name that Azure gives a server. */
export const hostName = (server: string): string => `${server}.postgres.database.azure.com`;

/** Flexible servers: PostgreSQL servers with Azure's rules, each on an address of its own behind one gateway. */
export class FlexibleServers {
  private readonly transitions = new Map<string, ServerState>();
  private readonly turns = new Map<string, Turns>();
  private readonly ends = new Map<string, ProcessEnd>();
  /** Servers that are being created, and so have no record yet. */
  private readonly newServers = new Map<string, Place>();
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

  /** Creates a server, or sets the administrator's password of an existing one. A failed creation leaves nothing. */
  async create(server: NewServer): Promise<void> {
    const { name } = server;
    await this.during(name, "Updating", async () => {
      if (this.records.state(name) !== undefined) {
        await this.startServer(name);
        await this.setAdministrator(server);
      } else {
        try {
          await this.createCluster(server);
        } catch (error) {
          await this.cluster(name).remove();
          throw error;
        } finally {
          this.newServers.delete(name);
        }
      }
      await this.options.gateway.start();
    });
  }

  private async createCluster(server: NewServer): Promise<void> {
    const { name, version } = server;
    const place = { version, address: this.freeAddress() };
    this.newServers.set(name, place);
    await this.ensureBuild(name);
    const cluster = this.cluster(name);
    await cluster.initialise();
    cluster.writeParameters({});
    await this.startServer(name);
    await this.setAdministrator(server);
    this.records.writeState(name, { ...place, parameters: {}, running: {}, stopped: false });
  }

  private setAdministrator({ name, version, ...administrator }: NewServer): Promise<void> {
    return this.sql(name, (query) =>
      ensureAdministrator(
        query,
        administrator.administratorLogin,
        administrator.administratorLoginPassword,
        [...azureTable(version).keys()].filter((key) => key.startsWith("pgaudit.")),
      ),
    );
  }

  /** The servers that were created completely. */
  names(): string[] {
    return [...this.records.states().keys()];
  }

  /** Starts a server that should run, after its end or a restart of this process; resolves when it accepts connections. */
  resume(name: string): Promise<void> {
    return this.during(name, "Starting", () => this.startServer(name));
  }

  /** Ends every server process; `resume` starts each again. */
  async close(): Promise<void> {
    await this.options.gateway.stop();
    for (const name of this.records.names()) await this.endProcess(name);
  }

  /** Ends a server's process; for Azure's clients the server isn't stopped. */
  endProcess(name: string): Promise<void> {
    return this.cluster(name).stop();
  }

  async delete(name: string): Promise<void> {
    // A start that is going on fails by this.
    await this.endProcess(name);
    await this.during(name, "Stopping", () => this.cluster(name).remove());
    this.turns.delete(name);
    this.ends.delete(name);
    this.newServers.delete(name);
    if (this.records.names().length === 0) await this.options.gateway.stop();
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

  /** Whether the server was stopped on purpose. */
  isStopped(name: string): boolean {
    return this.records.state(name)?.stopped ?? true;
  }

  isRunning(name: string): boolean {
    return this.cluster(name).isRunning;
  }

  /** Whether an operation on the server is going on. */
  isBusy(name: string): boolean {
    return this.turns.get(name)?.isBusy ?? false;
  }

  /** Why a running server can't be working; undefined if it seems to work. */
  problem(name: string): ServerProblem | undefined {
    return this.cluster(name).problem;
  }

  /** How the server's process ended last; undefined where another process started it. */
  howItEnded(name: string): string | undefined {
    const end = this.ends.get(name);
    return end && describeEnd(end);
  }

  /** Receives what the server writes before its logging starts. */
  startLogFile(name: string): string {
    return this.cluster(name).startLogFile;
  }

  state(name: string): ServerState {
    const transition = this.transitions.get(name);
    if (transition) return transition;
    if (this.isRunning(name)) return "Ready";
    return this.isStopped(name) ? "Stopped" : "Starting";
  }

  /** `18` of 15.18. */
  async minorVersion(name: string): Promise<string> {
    const [row] = await this.sql(name, (query) =>
      query<{ server_version: string }>("SHOW server_version"),
    );
    return row?.server_version.split(" ")[0]?.split(".")[1] ?? "0";
  }

  /** Those that can be connected to, but for templates. */
  databases(server: string): Promise<string[]> {
    return this.sql(server, databaseNames);
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
      // A server that was killed doesn't tell that a value is wrong.
      const wasKilled = typeof this.ends.get(name)?.signal === "string";
      const reset =
        state && !wasKilled ? await this.serverParameters.resetPending(name, state) : [];
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

  /** One operation at a time on a server. */
  private during<T>(name: string, state: ServerState, work: () => Promise<T>): Promise<T> {
    const turns = this.turns.get(name) ?? new Turns();
    this.turns.set(name, turns);
    return turns.take(async () => {
      this.transitions.set(name, state);
      try {
        return await work();
      } finally {
        this.transitions.delete(name);
      }
    });
  }

  private sql<T>(name: string, work: (query: Query) => Promise<T>): Promise<T> {
    const { port, paths } = this.options;
    const options = {
      address: this.placeOf(name).address,
      port,
      hostName: hostName(name),
      password: this.cluster(name).superuserPassword,
      ca: fs.readFileSync(paths.caCertificate, "utf8"),
    };
    return withSql(options, work);
  }

  private async ensureBuild(name: string): Promise<void> {
    const { paths, notify = () => undefined } = this.options;
    await ensureServerBuild(paths, this.placeOf(name).version, notify);
  }

  private freeAddress(): string {
    const places = [...this.records.states().values(), ...this.newServers.values()];
    return freeAddress(
      columnOf(this.options.labAddress),
      new Set(places.map(({ address }) => address)),
    );
  }

  /** A server that has neither was never started, and is only deleted. */
  private placeOf(name: string): Place {
    const { version, address } =
      this.records.state(name) ?? this.newServers.get(name) ?? NEVER_STARTED;
    return { version, address };
  }

  private cluster(name: string): Cluster {
    const { paths, port, tls } = this.options;
    const { version, address } = this.placeOf(name);
    return new Cluster({
      version,
      build: serverBuildFolder(paths, version),
      folder: this.records.folderOf(name),
      superuserPasswordFile: path.join(paths.secrets, `${name}-superuser-password`),
      address,
      port,
      tls,
      user: postgresUser(),
      onEnd: (end) => this.ends.set(name, end),
    });
  }
}
