import * as authorization from "@pulumi/azure-native/authorization";
import * as postgresql from "@pulumi/azure-native/dbforpostgresql";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { regionName } from "../common/region-name";
import { splitList } from "../common/split-list";
import { flexibleServerIdParts } from "../config/keys/postgres";
import { type LabConfig } from "../config/schema";
import { type Prepared, type ServerSource } from "./auditable-server";
import { obstacleTexts, requireNoProblems, unreadable } from "./existing-resource";
import { type AllowedAddresses, createFirewallRules } from "./firewall-rules";
import { subscriptionProblem } from "./own-subscription";
import { isStatic, type ServerParameter } from "./server-parameters";
import { ServerScripts } from "./server-scripts";

export interface ExistingServerArgs {
  readonly config: LabConfig;
  /** Who may use a public server's endpoint, besides those whom it allows already. */
  readonly addresses: readonly AllowedAddresses[];
}

type Scope = { readonly resourceGroupName: string; readonly serverName: string };
/** Reads a server parameter, by name, after the server was checked. */
type ParameterReader = (name: string) => pulumi.Output<postgresql.GetConfigurationResult>;

/** A flexible server that exists already; it keeps everything but what auditing needs, and gets that back on destroy. */
export function existingServer({ config, addresses }: ExistingServerArgs): ServerSource {
  const { existingServerId, databases } = config.postgres;
  const { subscriptionId, ...scope } = flexibleServerIdParts(existingServerId);
  return (name, parent) => {
    const server = checked(config, subscriptionId, scope);
    const id = server.id;
    const createdAt = server.systemData.apply((data) => data?.createdAt ?? "");
    const scripts = new ServerScripts(name, { id, createdAt }, { parent });
    const parameter = (configurationName: string) =>
      server.apply(() => postgresql.getConfiguration({ ...scope, configurationName }));
    const names = (configurationName: string) =>
      parameter(configurationName).apply(({ value }) => splitList(value ?? ""));
    return {
      ...scope,
      id,
      name: scope.serverName,
      fullyQualifiedDomainName: server.fullyQualifiedDomainName,
      administratorLogin: server.apply(({ administratorLogin }) => administratorLogin ?? ""),
      administratorPassword: config.existingAdministratorPassword,
      createdAt,
      existingName: scope.serverName.toLowerCase(),
      databaseName: pulumi.output(databases[0] ?? "postgres"),
      databases: databases.length > 0 ? databases : undefined,
      presentExtensions: names("azure.extensions"),
      presentLibraries: names("shared_preload_libraries"),
      scripts,
      restartArguments: (needRestart) => [
        ...["--only", needRestart.map(({ name }) => name).join(",")],
        ...(config.allowRestart ? [] : ["--forbidden"]),
      ],
      prepare: (parameters) =>
        prepare(name, { parent, scope, scripts, parameter, parameters, addresses, config }),
    };
  };
}

/** Ends the program where the configuration doesn't fit the server. */
function checked(config: LabConfig, subscriptionId: string, scope: Scope) {
  return pulumi.output(readServer(config, subscriptionId, scope)).apply(({ found, problems }) => {
    requireNoProblems(
      `The server of postgres.existingServerId, ${scope.serverName}, can't be audited`,
      problems,
    );
    return found as postgresql.GetServerResult;
  });
}

/** The server, or why it can't be audited. In another subscription than the sign-in's it isn't found. */
async function readServer(config: LabConfig, subscriptionId: string, scope: Scope) {
  const signedIn = await authorization.getClientConfig();
  const elsewhere = subscriptionProblem("the server's", subscriptionId, signedIn.subscriptionId);
  if (elsewhere !== undefined) return { problems: [`it is ${elsewhere}`] };
  try {
    const found = await postgresql.getServer(scope);
    return { found, problems: existingServerProblems(config, found) };
  } catch (error) {
    return { problems: [unreadable("postgres.existingServerId", "server", error as Error)] };
  }
}

type Found = Pick<postgresql.GetServerResult, "location" | "network" | "state">;

/** Why a server can't be audited with a configuration, with what to do. */
export function existingServerProblems(
  config: Pick<LabConfig, "location" | "postgresNetworkAccess" | "vm" | "vmSubnetId">,
  found: Found,
): string[] {
  const location = regionName(found.location);
  const access = found.network?.publicNetworkAccess === "Disabled" ? "private" : "public";
  return obstacleTexts([
    [
      location !== config.location,
      `it is in ${location}, and Azure sends its log to storage of the same region only: pulumi config set location ${location}`,
    ],
    [
      !["Ready", "Updating"].includes(found.state),
      `it is ${found.state}: start it, az postgres flexible-server start`,
    ],
    [
      access !== config.postgresNetworkAccess,
      `it has ${access} access: pulumi config set postgresNetworkAccess ${access}`,
    ],
    [
      access === "private" && config.vm && config.vmSubnetId === "",
      "it has private access, and the lab's VM isn't in its network: place the VM in a subnet there " +
        "(pulumi config set vmSubnetId ID), or pulumi config set vm false, and run Pulumi inside the network",
    ],
  ]);
}

/** The former values first, so that they are in the state before the first write; then who may connect. */
function prepare(
  name: string,
  args: {
    readonly parent: pulumi.Resource;
    readonly scope: Scope;
    readonly scripts: ServerScripts;
    readonly parameter: ParameterReader;
    readonly parameters: readonly ServerParameter[];
    readonly addresses: readonly AllowedAddresses[];
    readonly config: LabConfig;
  },
): Prepared {
  const { parent, scope, scripts, parameters, config } = args;
  announceRestart(parent, args);
  const former = new command.local.Command(
    // Another server gets its own, and the one before it its former values; a server that was moved keeps them.
    `${name}-former-parameters-${scope.serverName.toLowerCase()}`,
    {
      create: scripts.commandLine("former-parameters", ["remember"]),
      delete: scripts.commandLine("former-parameters", ["restore"]),
      stdin: pulumi.jsonStringify(parameters),
      logging: command.local.Logging.Stderr,
    },
    { parent },
  );
  return {
    last: createFirewallRules(
      name,
      scope,
      config.postgresNetworkAccess === "public" ? args.addresses.map(withOwnName) : [],
      { parent, dependsOn: [former] },
    ),
    // Without the library, the extension's event triggers fail, and with them each DDL statement. It can't have been
    // there before where the library wasn't.
    dropsExtension: former.stdout.apply((text) => !formerLibraries(text).includes("pgaudit")),
  };
}

/** The server's owner may have a rule `vm` too. */
const withOwnName = (rule: AllowedAddresses): AllowedAddresses => ({
  ...rule,
  name: `pg-audit-lab-${rule.name}`,
});

const formerLibraries = (former: string): string[] => {
  const values = JSON.parse(former) as Record<string, { readonly value?: string }>;
  return splitList(values.shared_preload_libraries?.value ?? "");
};

/** Says in previews and updates which static parameters need a restart, and whether it will be done. */
function announceRestart(
  resource: pulumi.Resource,
  {
    scope,
    parameter,
    parameters,
    config,
  }: {
    readonly scope: Scope;
    readonly parameter: ParameterReader;
    readonly parameters: readonly ServerParameter[];
    readonly config: LabConfig;
  },
): void {
  const changes = parameters
    .filter(isStatic)
    .map(({ name, value }) =>
      pulumi
        .all([value, parameter(name)])
        .apply(([next, { value: current, isConfigPendingRestart }]) =>
          next === current && !isConfigPendingRestart
            ? []
            : [`${name} ("${current}" -> "${next}")`],
        ),
    );
  pulumi.all(changes).apply((lists) => {
    const text = restartAnnouncement(scope.serverName, lists.flat(), config.allowRestart);
    if (text !== undefined) void pulumi.log.warn(text, resource);
  });
}

/** @param changes of static parameters; undefined without any */
export function restartAnnouncement(
  serverName: string,
  changes: readonly string[],
  allowRestart: boolean,
): string | undefined {
  if (changes.length === 0) return undefined;
  const what = `The server ${serverName} needs one restart, for ${changes.join(", ")}`;
  return allowRestart
    ? `${what}: pulumi up restarts it, and open connections end.`
    : `${what}: pulumi up writes the parameters and then fails, because allowRestart is false. ` +
        "Set it (pulumi config set allowRestart true), or restart the server when it suits you; then run pulumi up again.";
}
