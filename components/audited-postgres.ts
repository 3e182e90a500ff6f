import * as postgresql from "@pulumi/azure-native/dbforpostgresql";
import * as monitor from "@pulumi/azure-native/monitor";
import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { type AuditableServer, type ServerSource } from "./auditable-server";
import { componentType } from "./component";
import { logSettings } from "./server-log";
import {
  planServerParameters,
  type ServerParameter,
  type ServerParameterPlan,
} from "./server-parameters";

export interface AuditedPostgresArgs {
  readonly server: ServerSource;
  readonly config: Pick<
    LabConfig,
    "audit" | "extensions" | "sharedPreloadLibraries" | "serverParameters" | "logCategories"
  >;
  readonly storageAccountId: pulumi.Input<string>;
}

/** A flexible server with pgAudit loaded and configured, which logs to a storage account. */
export class AuditedPostgres extends pulumi.ComponentResource {
  readonly server: AuditableServer;
  /** The restart that loads pgAudit: after it, the extension can be created. */
  readonly loaded: pulumi.Resource;
  /** See Prepared. */
  readonly dropsExtension?: pulumi.Output<boolean>;
  private readonly plan: ServerParameterPlan;

  constructor(
    private readonly name: string,
    private readonly args: AuditedPostgresArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType("AuditedPostgres"), name, {}, opts);
    this.server = args.server(name, this);
    this.plan = planServerParameters({ ...args.config, ...this.server });
    this.createDiagnosticSetting();
    const { last, dropsExtension } = this.server.prepare([
      ...this.plan.beforeRestart,
      ...this.plan.afterRestart,
    ]);
    this.dropsExtension = dropsExtension;
    this.loaded = this.createStaticParameters(last);
    this.registerOutputs({ fullyQualifiedDomainName: this.server.fullyQualifiedDomainName });
  }

  /** Not deleted with the server: Azure keeps a diagnostic setting when its server is deleted, so it is deleted first. */
  private createDiagnosticSetting(): monitor.DiagnosticSetting {
    return new monitor.DiagnosticSetting(
      `${this.name}-diagnostic-setting`,
      {
        name: "postgresql-logs-to-storage",
        resourceUri: this.server.id,
        storageAccountId: this.args.storageAccountId,
        logs: logSettings(this.args.config.logCategories),
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }

  /**
   * One chain: Azure refuses parallel writes to a server with ServerIsBusy. The allow-list and the static parameters, then
   * one restart if one is pending: azure-native never restarts a server for a static parameter (its issue 3618).
   */
  private createStaticParameters(after: pulumi.Resource): pulumi.Resource {
    const needRestart = this.plan.static;
    return this.server.scripts.run("restart", "restart-if-pending", {
      arguments: this.server.restartArguments(needRestart),
      triggers: needRestart.map(({ name, value }) => pulumi.interpolate`${name}=${value}`),
      dependsOn: [this.createServerParameters(this.plan.beforeRestart, after)],
    });
  }

  /**
   * The dynamic parameters, pgAudit's among them, after the extension was created: without it, pgAudit logs no object names
   * of DDL statements. Source: pgAudit's README, "Settings". Returns the last one.
   */
  createDynamicParameters(extension: pulumi.Resource): pulumi.Resource {
    return this.createServerParameters(this.plan.afterRestart, extension);
  }

  /**
   * One after the other; returns the last. azure-native resets a parameter that is deleted to Azure's default. The stack's own
   * server is deleted with its parameters; an existing one gets its former values back by another resource.
   */
  private createServerParameters(
    parameters: readonly ServerParameter[],
    after: pulumi.Resource,
  ): pulumi.Resource {
    const { resourceGroupName, name: serverName, deletedWith } = this.server;
    const options = { parent: this, deletedWith, retainOnDelete: deletedWith === undefined };
    return parameters.reduce<pulumi.Resource>(
      (previous, { name, value }) =>
        new postgresql.Configuration(
          `${this.name}-${name.replaceAll(".", "-").replaceAll("_", "-")}`,
          {
            resourceGroupName,
            serverName,
            configurationName: name,
            value,
            source: "user-override",
          },
          { ...options, dependsOn: [previous] },
        ),
      after,
    );
  }
}
