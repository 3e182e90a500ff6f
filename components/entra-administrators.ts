import * as postgresql from "@pulumi/azure-native/dbforpostgresql";
import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { type AuditableServer } from "./auditable-server";
import { componentType } from "./component";

export interface EntraAdministratorsArgs {
  readonly config: Pick<LabConfig, "microsoftEntra">;
  readonly server: AuditableServer;
  /** The last write to the server before these: Azure refuses parallel ones with ServerIsBusy. */
  readonly after: pulumi.Resource;
}

/** Users, groups and service principals of Microsoft Entra ID that administer the server, and sign in with tokens. */
export class EntraAdministrators extends pulumi.ComponentResource {
  constructor(name: string, args: EntraAdministratorsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("EntraAdministrators"), name, {}, opts);
    const { tenantId, administrators } = args.config.microsoftEntra;
    const { resourceGroupName, name: serverName, deletedWith } = args.server;
    administrators.reduce<pulumi.Resource>(
      (previous, administrator) =>
        new postgresql.AdministratorsMicrosoftEntra(
          `${name}-${administrator.objectId}`,
          { resourceGroupName, serverName, tenantId, ...administrator },
          { parent: this, deletedWith, dependsOn: [previous] },
        ),
      args.after,
    );
    this.registerOutputs();
  }
}
