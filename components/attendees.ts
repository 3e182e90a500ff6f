import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { attendeePasswordSql, attendeeRemovalSql, attendeeSql } from "./attendee-sql";
import { type AuditableServer } from "./auditable-server";
import { componentType } from "./component";
import { databasePassword } from "./database-password";
import { type SqlSteps } from "./sql-steps";

export interface AttendeesArgs {
  readonly config: Pick<LabConfig, "attendees">;
  readonly sql: SqlSteps;
  readonly server: AuditableServer;
  readonly after: pulumi.Resource;
}

/** Without `-`: a workshop's CSV contains the passwords, and a spreadsheet takes what begins with it for a formula. */
const SPECIAL = "_.~";

/** Database users of people, each with a password, so that the trail names them. */
export class Attendees extends pulumi.ComponentResource {
  /** Secret passwords by name. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
  /** The last step, or what was before them. */
  readonly created: pulumi.Resource;

  constructor(name: string, args: AttendeesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("Attendees"), name, {}, opts);
    this.passwords = Object.fromEntries(
      args.config.attendees.map((attendee) => [
        attendee,
        databasePassword(`${name}-${attendee}`, SPECIAL, this),
      ]),
    );
    // One after the other: each changes the database's privileges, and PostgreSQL refuses the second of two at once.
    this.created = Object.entries(this.passwords).reduce<pulumi.Resource>(
      (previous, [attendee, password]) =>
        args.sql.run(
          `${name}-${attendee}-user`,
          {
            sql: attendeeSql(attendee),
            secretSql: password.apply((text) => attendeePasswordSql(attendee, text)),
            removalSql: attendeeRemovalSql(attendee),
            databases: [args.server.databaseName],
            dependsOn: [previous],
          },
          this,
        ),
      args.after,
    );
    this.registerOutputs();
  }
}
