import * as pulumi from "@pulumi/pulumi";
import { type AuditedPostgres } from "./audited-postgres";
import { componentType } from "./component";
import { type SqlSteps } from "./sql-steps";

export interface AuditExtensionArgs {
  readonly sql: SqlSteps;
  readonly postgres: AuditedPostgres;
}

/** CREATE EXTENSION pgaudit. */
export class AuditExtension extends pulumi.ComponentResource {
  readonly created: pulumi.Resource;

  constructor(name: string, args: AuditExtensionArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("AuditExtension"), name, {}, opts);
    const { loaded, server, dropsExtension } = args.postgres;
    this.created = args.sql.run(
      name,
      {
        sql: "CREATE EXTENSION IF NOT EXISTS pgaudit;",
        removalSql: dropsExtension?.apply((drops) =>
          drops ? "DROP EXTENSION IF EXISTS pgaudit;" : "",
        ),
        databases: server.databases,
        dependsOn: [loaded],
      },
      this,
    );
    this.registerOutputs();
  }
}
