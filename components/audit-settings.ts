import * as pulumi from "@pulumi/pulumi";
import {
  AUDIT_SETTINGS_SQL,
  foreignSettings,
  settingsIn,
  settingWords,
} from "../common/audit-settings";
import { type LabConfig } from "../config/schema";
import { type AuditableServer } from "./auditable-server";
import { configuredSettings, settingRemovalSql, settingSql } from "./audit-settings-sql";
import { componentType } from "./component";
import { type SqlSteps } from "./sql-steps";

export interface AuditSettingsArgs {
  readonly config: Pick<LabConfig, "audit">;
  readonly sql: SqlSteps;
  readonly server: AuditableServer;
  readonly after: pulumi.Resource;
}

/** pgAudit's parameters of roles and databases, and what others have set there. */
export class AuditSettings extends pulumi.ComponentResource {
  constructor(name: string, args: AuditSettingsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("AuditSettings"), name, {}, opts);
    const { sql, server, config } = args;
    const configured = configuredSettings(config.audit);
    // Roles and databases are the whole server's, so that any database will do.
    const databases = [server.databaseName];
    const last = configured.reduce<pulumi.Resource>(
      (previous, setting) =>
        sql.run(
          `${name}-${setting.role === undefined ? `database-${setting.database}` : `role-${setting.role}`}-${setting.parameter}`,
          {
            sql: settingSql(setting),
            removalSql: settingRemovalSql(setting),
            databases,
            dependsOn: [previous],
          },
          this,
        ),
      args.after,
    );
    const revision = JSON.stringify([config.audit.revision, configured]);
    const found = sql.run(
      `${name}-of-others`,
      { sql: `${AUDIT_SETTINGS_SQL}\n-- ${revision}`, databases, dependsOn: [last] },
      this,
    );
    // In a preview, the output of the step's last run is known, unless the step is to run again.
    found.stdout.apply((text) => {
      for (const setting of foreignSettings(settingsIn(text), configured)) {
        void pulumi.log.warn(`${settingWords(setting)} ${WHEN}`, this);
      }
    });
    this.registerOutputs();
  }
}

const WHEN = "It was found when this step last ran; ./lab status shows what is there now.";
