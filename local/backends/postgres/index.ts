import * as fs from "node:fs";
import * as path from "node:path";
import { type LabPaths } from "../../paths";
import { pollUntil } from "../../../common/poll";
import { Cluster, MAJOR_VERSION } from "./cluster";
import { postgresUser } from "./os-user";
import {
  serverParameters,
  type Setting,
  SETTINGS_QUERY,
  type Values,
} from "./parameters/catalogue";
import {
  defaultValue,
  hostBasedAuthenticationFile,
  isForPostgres,
  parametersFile,
} from "./parameters/server-files";
import { InvalidParameterError, type ServerParameter } from "./parameters/server-parameter";
import { requireAllowedValue } from "./parameters/value-rules";
import { ServerRecords, type ServerRecordState } from "./server-record";
import { identifier, literal, withSql } from "./sql";

/** Azure's server states that local Azure has. */
export type ServerState = "Ready" | "Starting" | "Stopped" | "Stopping" | "Updating";

export interface NewServer {
  readonly name: string;
  readonly administratorLogin: string;
  /** A secret. */
  readonly administratorLoginPassword: string;
}

export interface FlexibleServersOptions {
  readonly paths: LabPaths;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls: { readonly key: string; readonly cert: string };
}

/** What a PUT asks of a server parameter. */
export interface ParameterChange {
  readonly value?: string;
  /** `system-default` sets it back, as az does without a value. Source: Azure/azure-cli, parameter set. */
  readonly source?: ServerParameter["properties"]["source"];
}

/** The administrator's membership; on Azure it is what stands in for a superuser. */
const ADMINISTRATORS = "azure_pg_admin";

/** Flexible servers: real PostgreSQL servers with Azure's rules on top. */
export class FlexibleServers {
  readonly majorVersion = MAJOR_VERSION;
  private readonly transitions = new Map<string, ServerState>();
  private readonly records: ServerRecords;

  constructor(private readonly options: FlexibleServersOptions) {
    this.records = new ServerRecords(options.paths.postgres);
  }

  /** Makes a server, or brings an existing one's administrator password up to date. */
  async create({ name, administratorLogin, administratorLoginPassword }: NewServer): Promise<void> {
    await this.during(name, "Updating", async () => {
      const cluster = this.cluster(name);
      const isNew = this.records.state(name) === undefined;
      if (isNew) {
        await cluster.initialise();
        writeParameterFiles(cluster, {});
      }
      await this.startCluster(name);
      await this.sql(name, async (query) => {
        const login = identifier(administratorLogin);
        // CREATE ROLE has no IF NOT EXISTS, and a killed run may have come this far.
        const exists = async (role: string) =>
          (await query("SELECT FROM pg_roles WHERE rolname = $1", [role])).length > 0;
        if (!(await exists(ADMINISTRATORS))) await query(`CREATE ROLE ${ADMINISTRATORS} NOLOGIN`);
        if (!(await exists(administratorLogin))) {
          await query(`CREATE ROLE ${login} LOGIN CREATEDB CREATEROLE IN ROLE ${ADMINISTRATORS}`);
        }
        await query(`ALTER ROLE ${login} PASSWORD ${literal(administratorLoginPassword)}`);
      });
      if (isNew) this.records.writeState(name, { parameters: {}, running: {}, stopped: false });
    });
  }

  /** Starts what should run, after a restart of this process. */
  async resume(): Promise<void> {
    for (const name of this.records.names()) {
      if (this.records.state(name)?.stopped === false) await this.startCluster(name);
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
      await this.startCluster(name);
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
      await this.startCluster(name);
    });
  }

  state(name: string): ServerState {
    return this.transitions.get(name) ?? (this.cluster(name).isRunning ? "Ready" : "Stopped");
  }

  /** Like 15.18. */
  async minorVersion(name: string): Promise<string> {
    const [row] = await this.sql(name, (query) =>
      query<{ server_version: string }>("SHOW server_version"),
    );
    return row?.server_version.split(" ")[0]?.split(".")[1] ?? "0";
  }

  async createDatabase(server: string, name: string, _collation: string): Promise<void> {
    await this.sql(server, async (query) => {
      const exists = await query("SELECT FROM pg_database WHERE datname = $1", [name]);
      if (exists.length === 0) {
        await query(
          `CREATE DATABASE ${identifier(name)} OWNER ${ADMINISTRATORS} TEMPLATE template0`,
        );
      }
    });
  }

  async dropDatabase(server: string, name: string): Promise<void> {
    await this.sql(server, (query) =>
      query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`),
    );
  }

  /** The parameters that Azure lists; also of a server that is stopped. */
  async parameters(server: string): Promise<ServerParameter[]> {
    const { parameters, running } = this.records.requireState(server);
    return serverParameters(await this.settings(server), parameters, running);
  }

  /** @param name in letters of any case, like all names of resources */
  async parameter(server: string, name: string): Promise<ServerParameter | undefined> {
    const wanted = name.toLowerCase();
    return (await this.parameters(server)).find((one) => one.name.toLowerCase() === wanted);
  }

  /**
   * What a change can be refused for before it begins. That a parameter is read-only isn't among it.
   * @throws InvalidParameterError. Azure's answers on an unknown name aren't documented; the code is chosen.
   */
  async requireValidChange(server: string, name: string, change: ParameterChange): Promise<void> {
    const parameter = await this.parameter(server, name);
    if (!parameter) {
      throw new InvalidParameterError(
        "InvalidParameterName",
        `The configuration '${name}' does not exist for the server version ${MAJOR_VERSION}.`,
      );
    }
    if (change.source === "system-default" || parameter.properties.isReadOnly) return;
    if (change.value === undefined) throw invalidValue("The value is missing.");
    requireAllowedValue(parameter, change.value);
  }

  /**
   * Writes a parameter and has the server read it; its default takes the override away. A static one waits for a restart
   * from then on.
   * @throws InvalidParameterError where the server refuses it; nothing is changed then.
   */
  async setParameter(server: string, name: string, change: ParameterChange): Promise<void> {
    await this.requireValidChange(server, name, change);
    const parameter = await this.parameter(server, name);
    if (parameter) await this.applyChange(server, parameter, change);
  }

  private async applyChange(
    server: string,
    { name, properties }: ServerParameter,
    { value, source }: ParameterChange,
  ): Promise<void> {
    if (properties.isReadOnly) {
      // Azure's own text is "{0}" and no more. Source: pulumi-azure-native 898.
      throw new InvalidParameterError(
        "OperationFailed",
        `The server parameter '${name}' is read-only and cannot be modified.`,
      );
    }
    await this.during(server, "Updating", async () => {
      const state = this.records.requireState(server);
      const { [name]: _, ...others } = state.parameters;
      const isReset =
        value === undefined || source === "system-default" || value === properties.defaultValue;
      const parameters = isReset ? others : { ...others, [name]: value };
      const cluster = this.cluster(server);
      writeParameterFiles(cluster, parameters);
      const problem = await this.fileProblem(server, name, properties);
      if (problem !== undefined) {
        writeParameterFiles(cluster, state.parameters);
        throw invalidValue(`PostgreSQL says of ${name} = '${value ?? ""}': ${problem}.`);
      }
      this.records.writeState(server, { ...state, parameters });
      await this.reload(server);
    });
  }

  /** What PostgreSQL has against the file as it stands, if it is about this parameter. */
  private async fileProblem(
    server: string,
    name: string,
    { isDynamicConfig }: ServerParameter["properties"],
  ) {
    // A static parameter can't be judged by a running server: it says of each that it could not be applied.
    if (!isDynamicConfig || !isForPostgres(name)) return undefined;
    const [row] = await this.sql(server, (query) =>
      query<{ error: string }>(
        "SELECT error FROM pg_file_settings WHERE name = $1 AND error IS NOT NULL",
        [name],
      ),
    );
    return row?.error;
  }

  private async reload(server: string): Promise<void> {
    await this.sql(server, async (query) => {
      const loadTime = async () =>
        (await query<{ at: string }>("SELECT pg_conf_load_time()::text AS at"))[0]?.at;
      const before = await loadTime();
      await query("SELECT pg_reload_conf()");
      await pollUntil(async () => (await loadTime()) !== before, {
        what: "PostgreSQL to read its configuration again",
        timeoutSeconds: 20,
        intervalMilliseconds: 50,
      });
    });
  }

  /** Starts the server; where it can't with the static parameters that wait, they are set back and it runs as before. */
  private async startCluster(name: string): Promise<void> {
    if (this.cluster(name).isRunning) return this.startProcess(name);
    const state = this.records.state(name);
    try {
      await this.startProcess(name);
    } catch (error) {
      const setBack = state ? await this.setBackPending(name, state) : [];
      if (setBack.length === 0) throw error;
      await this.startProcess(name);
      throw new Error(
        `The server did not start with ${setBack.join(", ")}; set back, it runs as before. ${String(error)}`,
      );
    }
    if (state) this.records.writeState(name, { ...state, running: state.parameters });
    await this.readSettings(name);
  }

  /** Gives the static parameters that wait the values that the server ran with. @returns their names */
  private async setBackPending(name: string, state: ServerRecordState): Promise<string[]> {
    const pending = (await this.parameters(name))
      .filter(({ properties }) => properties.isConfigPendingRestart)
      .map((parameter) => parameter.name);
    const kept = Object.entries(state.parameters).filter(([one]) => !pending.includes(one));
    const before = Object.entries(state.running).filter(([one]) => pending.includes(one));
    const parameters = Object.fromEntries([...kept, ...before]);
    writeParameterFiles(this.cluster(name), parameters);
    this.records.writeState(name, { ...state, parameters });
    return pending;
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

  /** pg_settings as it was at the last start: asking for each answer would fill the server's log with our sessions. */
  private async settings(name: string): Promise<Setting[]> {
    return this.records.settings(name) ?? this.readSettings(name);
  }

  private async readSettings(name: string): Promise<Setting[]> {
    const settings = await this.sql(name, (query) => query<Setting>(SETTINGS_QUERY));
    this.records.writeSettings(name, settings);
    return settings;
  }

  private async during<T>(name: string, state: ServerState, work: () => Promise<T>): Promise<T> {
    this.transitions.set(name, state);
    try {
      return await work();
    } finally {
      this.transitions.delete(name);
    }
  }

  private sql<T>(name: string, work: Parameters<typeof withSql<T>>[1]): Promise<T> {
    const { port, paths } = this.options;
    const options = {
      port,
      password: this.cluster(name).superuserPassword,
      ca: fs.readFileSync(paths.caCertificate, "utf8"),
    };
    return withSql(options, work);
  }

  /** As it is written; asking the server would leave lines of our own in its log. */
  async logLinePrefix(server: string): Promise<string> {
    const { parameters } = this.records.requireState(server);
    return parameters.log_line_prefix ?? defaultValue("log_line_prefix");
  }

  /** Where the server writes its log, one JSON object a line. */
  logFolder(name: string): string {
    return this.cluster(name).logFolder;
  }

  private cluster(name: string): Cluster {
    const { paths, port, tls } = this.options;
    return new Cluster({
      folder: this.records.folderOf(name),
      superuserPasswordFile: path.join(paths.secrets, `${name}-superuser-password`),
      port,
      tls,
      user: postgresUser(),
    });
  }
}

function writeParameterFiles(cluster: Cluster, overrides: Values): void {
  cluster.writeDataFile("parameters.conf", parametersFile(overrides));
  cluster.writeDataFile("pg_hba.conf", hostBasedAuthenticationFile(overrides));
}

/** Source of code and first sentence: pulumi-azure-native 898. */
const invalidValue = (reason: string): InvalidParameterError =>
  new InvalidParameterError(
    "InvalidParameterValue",
    `Invalid value given for parameter configurationValue. Specify a valid parameter value. ${reason}`,
  );
