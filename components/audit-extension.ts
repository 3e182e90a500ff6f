import * as pulumi from "@pulumi/pulumi";
import { type AuditedPostgres } from "./audited-postgres";
import { componentType } from "./component";
import { type VmScripts } from "./vm-step";

/** RHEL's bundle of certificate authorities; it contains Azure's. */
export const CA_BUNDLE = "/etc/pki/tls/certs/ca-bundle.crt";
/** Azure's servers listen on this port only. */
export const POSTGRES_PORT = 5432;

export interface AuditExtensionArgs {
  readonly scripts: VmScripts;
  readonly postgres: AuditedPostgres;
  readonly administratorPassword: pulumi.Input<string>;
}

/** CREATE EXTENSION pgaudit, with psql on the VM: a private server can't be reached from anywhere else. */
export class AuditExtension extends pulumi.ComponentResource {
  readonly created: pulumi.Resource;

  constructor(name: string, args: AuditExtensionArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("AuditExtension"), name, {}, opts);
    const { scripts, postgres } = args;
    const psql = scripts.run(
      `${name}-install-psql`,
      // psql stays: people may use it for other work on the VM.
      {
        script: "install-psql.sh",
        arguments: [],
        removable: false,
      },
      { parent: this },
    );
    this.created = scripts.run(
      name,
      {
        script: "create-extension.sh",
        arguments: [
          postgres.fullyQualifiedDomainName,
          String(POSTGRES_PORT),
          postgres.databaseName,
          postgres.administratorLogin,
          CA_BUNDLE,
        ],
        stdin: args.administratorPassword,
        revision: postgres.createdAt,
        // The extension is deleted with its database.
        removable: false,
      },
      { parent: this, dependsOn: [psql, postgres.loaded] },
    );
    this.registerOutputs();
  }
}
