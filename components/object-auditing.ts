import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { type AuditableServer } from "./auditable-server";
import { componentType } from "./component";
import { OBJECT_AUDITING_REMOVAL_SQL, objectAuditingSql } from "./object-auditing-sql";
import { type SqlSteps } from "./sql-steps";

export interface ObjectAuditingArgs {
  readonly config: Pick<LabConfig, "audit" | "attendees">;
  readonly sql: SqlSteps;
  readonly server: AuditableServer;
  readonly after: pulumi.Resource;
}

/** The role that pgaudit.role names, with its privileges on the audited relations. */
export class ObjectAuditing extends pulumi.ComponentResource {
  /** The step, or what was before it. */
  readonly created: pulumi.Resource;

  constructor(name: string, args: ObjectAuditingArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("ObjectAuditing"), name, {}, opts);
    const { audit, attendees } = args.config;
    const objects = audit.objects.map((entry) => ({
      ...entry,
      roles: [...new Set([...attendees, ...entry.roles])],
    }));
    this.created =
      objects.length === 0
        ? args.after
        : args.sql.run(
            name,
            {
              sql: `${objectAuditingSql(objects)}\n-- ${JSON.stringify(audit.revision)}`,
              removalSql: OBJECT_AUDITING_REMOVAL_SQL,
              databases: args.server.databases,
              dependsOn: [args.after],
            },
            this,
          );
    this.registerOutputs();
  }
}
