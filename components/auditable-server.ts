import type * as pulumi from "@pulumi/pulumi";
import { type ServerParameter } from "./server-parameters";
import { type ServerScripts } from "./server-scripts";
import { type SqlServer } from "./sql-steps";

/** A flexible server that is to be audited: the stack's own, or one that exists already. */
export interface AuditableServer extends SqlServer {
  readonly id: pulumi.Output<string>;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly name: pulumi.Input<string>;
  readonly fullyQualifiedDomainName: pulumi.Output<string>;
  readonly createdAt: pulumi.Output<string>;
  /** Where a person starts. */
  readonly databaseName: pulumi.Output<string>;
  /** Those that get the extension; undefined: all. */
  readonly databases?: readonly pulumi.Input<string>[];
  /** The allow-list, which the audited server's extends. */
  readonly presentExtensions: pulumi.Input<readonly string[]>;
  /** What is preloaded besides pgaudit. */
  readonly presentLibraries: pulumi.Input<readonly string[]>;
  readonly scripts: ServerScripts;
  /** Arguments of restart-if-pending, after the server's id. */
  restartArguments(needRestart: readonly ServerParameter[]): readonly string[];
  /** What comes before the first parameter is written; returns the last of it. */
  prepare(parameters: readonly ServerParameter[]): Prepared;
}

export interface Prepared {
  readonly last: pulumi.Resource;
  /** Whether the extension must be dropped before pgaudit is no longer preloaded; undefined: it is deleted with the server. */
  readonly dropsExtension?: pulumi.Output<boolean>;
}

/** Declares the server, or reads it. */
export type ServerSource = (name: string, parent: pulumi.Resource) => AuditableServer;
