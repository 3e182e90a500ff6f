import { pollUntil } from "../../../common/poll";
import { type Cluster } from "./cluster";
import {
  type Definition,
  parameterDefinitions,
  type Setting,
  SETTINGS_QUERY,
  withValue,
} from "./parameters/catalogue";
import { defaultValue, isForPostgres } from "./parameters/server-files";
import { InvalidParameterError, type ServerParameter } from "./parameters/server-parameter";
import { requireAllowedValue } from "./parameters/value-rules";
import { type ServerRecords, type ServerRecordState } from "./server-record";
import { type Query } from "./sql";

/** The body of a PUT of a server parameter. */
export interface ParameterChange {
  readonly value?: string;
  /** `system-default` resets it, as az does without a value. Source: Azure/azure-cli, parameter set. */
  readonly source?: ServerParameter["properties"]["source"];
}

/** Access to the servers, by name. */
export interface ServerAccess {
  readonly records: ServerRecords;
  cluster(name: string): Pick<Cluster, "writeParameters">;
  /** Whether the server's PostgreSQL has a library. */
  hasLibrary(name: string, library: string): boolean;
  sql<T>(name: string, work: (query: Query) => Promise<T>): Promise<T>;
}

/** The server parameters of flexible servers. */
export class ServerParameters {
  /** By server; they change only when the server starts. */
  private readonly definitions = new Map<string, readonly Definition[]>();

  constructor(private readonly servers: ServerAccess) {}

  async list(server: string): Promise<ServerParameter[]> {
    const { parameters, running } = this.servers.records.requireState(server);
    const definitions = await this.definitionsOf(server);
    return definitions.map((definition) => withValue(definition, parameters, running));
  }

  /** @param name in any letter case */
  async find(server: string, name: string): Promise<ServerParameter | undefined> {
    const { parameters, running } = this.servers.records.requireState(server);
    const wanted = name.toLowerCase();
    const definition = (await this.definitionsOf(server)).find(
      (one) => one.name.toLowerCase() === wanted,
    );
    return definition && withValue(definition, parameters, running);
  }

  /** The value that was written, or the default. */
  writtenValue(server: string, name: string): string {
    const { version, parameters } = this.servers.records.requireState(server);
    return parameters[name] ?? defaultValue(version, name);
  }

  /**
   * Checks a change before it starts; whether the parameter is read-only isn't checked here.
   * @throws InvalidParameterError. Azure's error for an unknown name isn't documented.
   */
  async requireValidChange(
    server: string,
    name: string,
    change: ParameterChange,
  ): Promise<ServerParameter> {
    const parameter = await this.find(server, name);
    if (!parameter) {
      throw new InvalidParameterError(
        "InvalidParameterName",
        `The configuration '${name}' does not exist for the server version ${this.servers.records.requireState(server).version}.`,
      );
    }
    if (change.source === "system-default" || parameter.properties.isReadOnly) return parameter;
    if (change.value === undefined) throw invalidValue("The value is missing.");
    requireAllowedValue(parameter, change.value, (library) =>
      this.servers.hasLibrary(server, library),
    );
    return parameter;
  }

  /**
   * Writes a parameter and reloads the server's configuration; a static parameter takes effect after a restart.
   * @throws InvalidParameterError if the server refuses the value; nothing is changed then
   */
  async set(server: string, parameterName: string, change: ParameterChange): Promise<void> {
    const { name, properties } = await this.requireValidChange(server, parameterName, change);
    if (properties.isReadOnly) {
      // Azure's text is only "{0}". Source: pulumi-azure-native 898.
      throw new InvalidParameterError(
        "OperationFailed",
        `The server parameter '${name}' is read-only and cannot be modified.`,
      );
    }
    const { value, source } = change;
    const { records } = this.servers;
    const state = records.requireState(server);
    const { [name]: _, ...others } = state.parameters;
    const isReset =
      value === undefined || source === "system-default" || value === properties.defaultValue;
    const parameters = isReset ? others : { ...others, [name]: value };
    const cluster = this.servers.cluster(server);
    cluster.writeParameters(parameters);
    const problem = await this.fileProblem(server, name, properties);
    if (problem !== undefined) {
      cluster.writeParameters(state.parameters);
      throw invalidValue(`PostgreSQL reports for ${name} = '${value ?? ""}': ${problem}.`);
    }
    records.writeState(server, { ...state, parameters });
    await this.servers.sql(server, reload);
  }

  /** Sets the pending static parameters to the values with which the server ran before. @returns their names */
  async resetPending(server: string, state: ServerRecordState): Promise<string[]> {
    const pending = (await this.list(server))
      .filter(({ properties }) => properties.isConfigPendingRestart)
      .map(({ name }) => name);
    const kept = Object.entries(state.parameters).filter(([name]) => !pending.includes(name));
    const before = Object.entries(state.running).filter(([name]) => pending.includes(name));
    const parameters = Object.fromEntries([...kept, ...before]);
    this.servers.cluster(server).writeParameters(parameters);
    this.servers.records.writeState(server, { ...state, parameters });
    return pending;
  }

  /** Reads pg_settings; called at each start of the server. */
  async readSettings(server: string): Promise<Setting[]> {
    const settings = await this.servers.sql(server, (query) => query<Setting>(SETTINGS_QUERY));
    this.servers.records.writeSettings(server, settings);
    this.definitions.delete(server);
    return settings;
  }

  /** From pg_settings at the last start: a query for each request would fill the server's log with our sessions. */
  private async definitionsOf(server: string): Promise<readonly Definition[]> {
    const known = this.definitions.get(server);
    if (known) return known;
    const settings = this.servers.records.settings(server) ?? (await this.readSettings(server));
    const { version } = this.servers.records.requireState(server);
    const definitions = parameterDefinitions(version, settings);
    this.definitions.set(server, definitions);
    return definitions;
  }

  /** PostgreSQL's error for this parameter in the written file. */
  private async fileProblem(
    server: string,
    name: string,
    { isDynamicConfig }: ServerParameter["properties"],
  ): Promise<string | undefined> {
    // For a static parameter, a running server always reports that it could not be applied.
    if (!isDynamicConfig || !isForPostgres(name)) return undefined;
    const [row] = await this.servers.sql(server, (query) =>
      query<{ error: string }>(
        "SELECT error FROM pg_file_settings WHERE name = $1 AND error IS NOT NULL",
        [name],
      ),
    );
    return row?.error;
  }
}

async function reload(query: Query): Promise<void> {
  const loadTime = async () =>
    (await query<{ at: string }>("SELECT pg_conf_load_time()::text AS at"))[0]?.at;
  const before = await loadTime();
  await query("SELECT pg_reload_conf()");
  await pollUntil(async () => (await loadTime()) !== before, {
    what: "PostgreSQL to reload its configuration",
    timeoutSeconds: 20,
    intervalMilliseconds: 50,
  });
}

/** Source of code and first sentence: pulumi-azure-native 898. */
const invalidValue = (reason: string): InvalidParameterError =>
  new InvalidParameterError(
    "InvalidParameterValue",
    `Invalid value given for parameter configurationValue. Specify a valid parameter value. ${reason}`,
  );
