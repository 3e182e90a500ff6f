import * as postgresql from "@pulumi/azure-native/dbforpostgresql";
import * as monitor from "@pulumi/azure-native/monitor";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { LOG_CATEGORY_GROUPS } from "../config/keys/postgres";
import { componentType, type PlacementArgs } from "./component";
import { type PrivatePostgresNetwork } from "./network";
import {
  planServerParameters,
  type ServerParameter,
  type ServerParameterChoices,
} from "./server-parameters";

export interface AuditedPostgresArgs extends PlacementArgs, ServerParameterChoices {
  /** Globally unique, 3 to 63 lower-case letters, digits and hyphens. A change replaces the server. */
  readonly serverName: pulumi.Input<string>;
  /** Major version, "14" to "18". A change replaces the server. */
  readonly version: string;
  /** Compute size, like Standard_B1ms; the tier follows from its first letter. A change restarts the server. */
  readonly skuName: string;
  /** In GiB; it can only grow. */
  readonly storageSizeGb: number;
  readonly administratorLogin: string;
  readonly administratorPassword: pulumi.Input<string>;
  readonly databaseName: string;
  /** The network of a private server; without it the server has a public endpoint. */
  readonly privateNetwork?: PrivatePostgresNetwork;
  /** The one address that may use the public endpoint; ignored with `privateNetwork`. */
  readonly allowedIpAddress?: pulumi.Input<string>;
  /** Log categories, or groups of categories, that the diagnostic setting sends; each category to a container of its own. */
  readonly logCategories: readonly string[];
  readonly storageAccountId: pulumi.Input<string>;
}

/** A flexible server with pgAudit loaded and configured, which logs to a storage account. */
export class AuditedPostgres extends pulumi.ComponentResource {
  readonly serverId: pulumi.Output<string>;
  readonly fullyQualifiedDomainName: pulumi.Output<string>;
  readonly administratorLogin: string;
  readonly databaseName: pulumi.Output<string>;
  /** The restart that loads pgAudit: after it, the extension can be created. */
  readonly loaded: pulumi.Resource;
  /** Differs for each server, also for one with the name and id of a server that was deleted outside Pulumi. */
  readonly createdAt: pulumi.Output<string>;
  private readonly server: postgresql.Server;

  constructor(
    private readonly name: string,
    private readonly args: AuditedPostgresArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType("AuditedPostgres"), name, {}, opts);
    this.server = this.createServer();
    // Source: the sample response of Microsoft's "Servers - Get", API version 2025-08-01.
    this.createdAt = this.server.systemData.apply((data) => data?.createdAt ?? "");
    this.createDiagnosticSetting();
    const writable = this.createWaitUntilWritable();
    const database = this.createDatabase(writable);
    const accessible = this.createFirewallRule(database);
    this.loaded = this.createStaticParameters(accessible);

    this.serverId = this.server.id;
    this.fullyQualifiedDomainName = this.server.fullyQualifiedDomainName;
    this.administratorLogin = args.administratorLogin;
    this.databaseName = database.name;
    this.registerOutputs({ fullyQualifiedDomainName: this.fullyQualifiedDomainName });
  }

  /** Deleted with the server: Pulumi would otherwise reset each parameter before it deletes the server. */
  private get part(): pulumi.CustomResourceOptions {
    return { parent: this, deletedWith: this.server };
  }

  private get serverScope() {
    return { resourceGroupName: this.args.resourceGroupName, serverName: this.server.name };
  }

  private createServer(): postgresql.Server {
    const { args } = this;
    const network = args.privateNetwork;
    return new postgresql.Server(
      this.name,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        tags: args.tags,
        serverName: args.serverName,
        version: args.version,
        sku: { name: args.skuName, tier: skuTier(args.skuName) },
        storage: { storageSizeGB: args.storageSizeGb },
        backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
        highAvailability: { mode: "Disabled" },
        authConfig: { passwordAuth: "Enabled", activeDirectoryAuth: "Disabled" },
        administratorLogin: args.administratorLogin,
        administratorLoginPassword: args.administratorPassword,
        createMode: "Default",
        network: network
          ? {
              delegatedSubnetResourceId: network.delegatedSubnetResourceId,
              privateDnsZoneArmResourceId: network.privateDnsZoneArmResourceId,
            }
          : { publicNetworkAccess: "Enabled" },
      },
      {
        parent: this,
        dependsOn: network ? [network.link] : [],
        // One server at a time: a second one would cost as much, and get no data of the first.
        deleteBeforeReplace: true,
        // azure-native would send these as updates: Azure upgrades a major version for good, and refuses another network.
        replaceOnChanges: ["version", "network.delegatedSubnetResourceId"],
      },
    );
  }

  /** azure-native doesn't retry a write that a new server refuses as busy (azure-postgresql issue 134). */
  private createWaitUntilWritable(): command.local.Command {
    return this.createServerScript("wait-until-writable", "wait-until-writable", [], []);
  }

  private createDatabase(after: pulumi.Resource): postgresql.Database {
    return new postgresql.Database(
      `${this.name}-database`,
      {
        ...this.serverScope,
        databaseName: this.args.databaseName,
        charset: "UTF8",
        collation: "en_US.utf8",
      },
      { ...this.part, dependsOn: [after] },
    );
  }

  /** Returns the rule, or `after` if the server needs none. */
  private createFirewallRule(after: pulumi.Resource): pulumi.Resource {
    const address = this.args.allowedIpAddress;
    if (this.args.privateNetwork || address === undefined) return after;
    return new postgresql.FirewallRule(
      `${this.name}-vm-firewall-rule`,
      {
        ...this.serverScope,
        firewallRuleName: "vm",
        startIpAddress: address,
        endIpAddress: address,
      },
      { ...this.part, dependsOn: [after] },
    );
  }

  /** Not deleted with the server: Azure keeps a diagnostic setting when its server is deleted, so it is deleted first. */
  private createDiagnosticSetting(): monitor.DiagnosticSetting {
    return new monitor.DiagnosticSetting(
      `${this.name}-diagnostic-setting`,
      {
        name: "postgresql-logs-to-storage",
        resourceUri: this.server.id,
        storageAccountId: this.args.storageAccountId,
        logs: this.args.logCategories.map((name) =>
          LOG_CATEGORY_GROUPS.includes(name)
            ? { categoryGroup: name, enabled: true }
            : { category: name, enabled: true },
        ),
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }

  /**
   * One chain, after the database and the firewall rule: Azure refuses parallel writes to a server with ServerIsBusy.
   * The allow-list and the static parameters, then one restart if one is pending.
   */
  private createStaticParameters(after: pulumi.Resource): pulumi.Resource {
    const { beforeRestart, static: needRestart } = planServerParameters(this.args);
    return this.createRestart(needRestart, this.createServerParameters(beforeRestart, after));
  }

  /**
   * The dynamic parameters, pgAudit's among them, after the extension was created: without it, pgAudit logs no object names
   * of DDL statements. Source: pgAudit's README, "Settings".
   */
  createDynamicParameters(extension: pulumi.Resource): void {
    this.createServerParameters(planServerParameters(this.args).afterRestart, extension);
  }

  /** One after the other; returns the last. */
  private createServerParameters(
    parameters: readonly ServerParameter[],
    after: pulumi.Resource,
  ): pulumi.Resource {
    return parameters.reduce<pulumi.Resource>(
      (previous, { name, value }) =>
        new postgresql.Configuration(
          `${this.name}-${name.replaceAll(".", "-").replaceAll("_", "-")}`,
          { ...this.serverScope, configurationName: name, value, source: "user-override" },
          { ...this.part, dependsOn: [previous] },
        ),
      after,
    );
  }

  /** azure-native never restarts a server for a static parameter (its issue 3618). */
  private createRestart(
    staticParameters: readonly ServerParameter[],
    after: pulumi.Resource,
  ): command.local.Command {
    const values = staticParameters.map(({ name, value }) => `${name}=${value}`);
    return this.createServerScript("restart", "restart-if-pending", values, [after]);
  }

  /** Runs `scripts/<script>.ts` on the server: on each new one, and when a trigger changes. */
  private createServerScript(
    role: string,
    script: string,
    triggers: readonly string[],
    dependsOn: pulumi.Resource[],
  ): command.local.Command {
    return new command.local.Command(
      `${this.name}-${role}`,
      {
        create: pulumi.interpolate`node --import tsx scripts/${script}.ts '${this.server.id}'`,
        triggers: [this.server.id, this.createdAt, ...triggers],
        addPreviousOutputInEnv: false,
      },
      { ...this.part, dependsOn },
    );
  }
}

/** Azure requires the tier too, though the size's name implies it. Source: Azure's "Compute and storage options". */
function skuTier(skuName: string): postgresql.SkuTier {
  if (skuName.startsWith("Standard_B")) return postgresql.SkuTier.Burstable;
  if (skuName.startsWith("Standard_E")) return postgresql.SkuTier.MemoryOptimized;
  return postgresql.SkuTier.GeneralPurpose;
}
