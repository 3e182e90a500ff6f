import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { componentType } from "./component";
import { type VmScripts } from "./vm-step";

/** RHEL's bundle of certificate authorities; it contains Azure's. */
export const CA_BUNDLE = "/etc/pki/tls/certs/ca-bundle.crt";
/** Azure's servers listen on this port only. */
export const POSTGRES_PORT = 5432;

/** What a connection as the server's administrator needs. */
export interface SqlServer {
  readonly fullyQualifiedDomainName: pulumi.Input<string>;
  readonly administratorLogin: pulumi.Input<string>;
  /** A secret. */
  readonly administratorPassword: pulumi.Input<string>;
  /** Differs for each server: a new one gets every step again. */
  readonly createdAt: pulumi.Input<string>;
  /** The server, if the stack deletes it; nothing needs to be undone on it then. */
  readonly deletedWith?: pulumi.Resource;
}

export interface SqlStepArgs {
  /** Each statement can be run again. It may contain no secret: previews and errors show it. */
  readonly sql: pulumi.Input<string>;
  /** SQL with a secret, which runs after `sql` in the same transaction. */
  readonly secretSql?: pulumi.Input<string>;
  /** Undoes the step when its resource is deleted before its server. */
  readonly removalSql?: pulumi.Input<string>;
  /** Undefined: every database that accepts connections, except Azure's own. */
  readonly databases?: readonly pulumi.Input<string>[];
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Its output has a line a database: the name, and the rows of the last statement. */
export type SqlStep = pulumi.Resource & { readonly stdout: pulumi.Output<string> };

/** How SQL reaches the server. The SQL runs in one transaction a database. */
export interface SqlSteps {
  run(name: string, args: SqlStepArgs, parent: pulumi.Resource): SqlStep;
}

/** By psql on the VM: a private server can't be reached from anywhere else. */
export class SqlOnVm extends pulumi.ComponentResource implements SqlSteps {
  private readonly psql: pulumi.Resource;

  constructor(
    name: string,
    private readonly args: { readonly scripts: VmScripts; readonly server: SqlServer },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType("SqlOnVm"), name, {}, opts);
    this.psql = args.scripts.run(
      `${name}-install-psql`,
      // psql stays: people may use it for other work on the VM.
      { script: "install-psql.sh", arguments: [], removable: false },
      { parent: this },
    );
    this.registerOutputs();
  }

  run(name: string, step: SqlStepArgs, parent: pulumi.Resource): SqlStep {
    const { scripts, server } = this.args;
    return scripts.run(
      name,
      {
        script: "run-sql.sh",
        arguments: [
          ...[server.fullyQualifiedDomainName, String(POSTGRES_PORT)],
          ...[server.administratorLogin, CA_BUNDLE],
          ...[step.sql, step.removalSql ?? "", ...(step.databases ?? [])],
        ],
        stdin: passwordAndSecrets(server, step),
        revision: server.createdAt,
        removable: step.removalSql !== undefined,
        outlivesMachine: server.deletedWith === undefined,
      },
      { parent, dependsOn: [this.psql, ...step.dependsOn] },
    );
  }
}

/** From the machine that runs Pulumi, for a stack without a VM. */
export class SqlFromHere implements SqlSteps {
  constructor(private readonly server: SqlServer) {}

  run(name: string, step: SqlStepArgs, parent: pulumi.Resource): SqlStep {
    const { server } = this;
    const script = (verb: string) => `node --import tsx scripts/run-sql.ts ${verb}`;
    const databases = step.databases && pulumi.all([...step.databases]);
    return new command.local.Command(
      name,
      {
        create: script("apply"),
        delete: step.removalSql === undefined ? undefined : script("remove"),
        // Not arguments: the shells of Linux, macOS and Windows quote differently.
        environment: {
          PGHOST: server.fullyQualifiedDomainName,
          PGPORT: String(POSTGRES_PORT),
          PGUSER: server.administratorLogin,
          SQL: step.sql,
          REMOVAL_SQL: step.removalSql ?? "",
          SQL_DATABASES: databases ? databases.apply((names) => JSON.stringify(names)) : "",
          SERVER_CREATED_AT: server.createdAt,
        },
        stdin: passwordAndSecrets(server, step),
        addPreviousOutputInEnv: false,
      },
      { parent, deletedWith: server.deletedWith, dependsOn: [...step.dependsOn] },
    );
  }
}

function passwordAndSecrets(server: SqlServer, step: SqlStepArgs): pulumi.Output<string> {
  return pulumi.secret(
    pulumi
      .all([server.administratorPassword, step.secretSql ?? ""])
      .apply(([password, sql]) => (sql === "" ? password : `${password}\n${sql}`)),
  );
}
