import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type TrailReader } from "./trail-reader";

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
  /**
   * The name of a server that the stack doesn't delete, part of each step's name: another server gets steps of its own, and
   * those of the former one are deleted after that, which undoes them there.
   */
  readonly existingName?: string;
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

/**
 * SQL on the server, in one transaction a database, from the machine that runs Pulumi. With a VM, the connection goes through
 * the VM, as a server with private access can't be reached from anywhere else. The step is the same resource with and
 * without a VM, so a change of `vm` is an update. Two types of resource would be two resources: the removal of the one
 * would run after the other's SQL, and undo it.
 */
export class SqlSteps {
  constructor(
    private readonly server: SqlServer,
    private readonly reader?: Pick<TrailReader, "vm" | "scripts">,
  ) {}

  run(name: string, step: SqlStepArgs, parent: pulumi.Resource): SqlStep {
    const { server, reader } = this;
    const script = (verb: string) => `node --import tsx scripts/run-sql.ts ${verb}`;
    const databases = step.databases && pulumi.all([...step.databases]);
    const { existingName } = server;
    return new command.local.Command(
      existingName === undefined ? name : `${name}-${existingName}`,
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
          ...this.vmAddress(),
        },
        stdin: this.secrets(step),
        addPreviousOutputInEnv: false,
      },
      {
        parent,
        deletedWith: server.deletedWith,
        // The VM answers when its scripts are there; it is deleted after the steps are undone.
        dependsOn: [...(reader ? [reader.scripts] : []), ...step.dependsOn],
      },
    );
  }

  private vmAddress(): Readonly<Record<string, pulumi.Input<string>>> {
    if (!this.reader) return {};
    const { host, port, user, hostKey } = this.reader.vm.connection;
    return { VM_HOST: host, VM_PORT: String(port), VM_USER: user, VM_HOST_KEY: hostKey };
  }

  private secrets({ secretSql }: SqlStepArgs): pulumi.Output<string> {
    const { administratorPassword: password } = this.server;
    const vmPrivateKey = this.reader?.vm.connection.privateKey;
    return pulumi.secret(pulumi.jsonStringify({ password, secretSql, vmPrivateKey }));
  }
}
