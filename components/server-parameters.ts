import * as pulumi from "@pulumi/pulumi";
import { AUDIT_ROLE } from "./object-auditing-sql";

/**
 * The original workshop's prefix, with the session (%c) and its start (%s). An application's name (%a), which a client
 * chooses freely, isn't last: after it, a statement that contains ` LOG:  ` couldn't be told from the name. Azure's default, `%t-%c-`, names neither user, database nor client.
 */
export const LOG_LINE_PREFIX = "%t %p %l-1 %c %s db-%d,user-%u,app-%a,client-%h ";

/**
 * The lab's defaults, in place of Azure's. Without pgaudit.log_relation, entries of reads and writes name no table; with
 * it, there is one entry for each table of a statement. Source: pgAudit's README, pgaudit.log_relation.
 */
const LAB_DEFAULTS: Readonly<Record<string, string>> = {
  "pgaudit.log": "ALL",
  "pgaudit.log_relation": "on",
  log_line_prefix: LOG_LINE_PREFIX,
};

/**
 * Libraries that Azure preloads by default; a value without them would unload them.
 * Source: Azure's server parameter tables, shared_preload_libraries, PostgreSQL 15, 17 and 18.
 */
export const azurePreloadLibraries = (version: string): string[] =>
  version === "17" ? ["pg_stat_statements"] : ["pg_cron", "pg_stat_statements"];

/**
 * Parameters that take effect at a restart only, and are written before it. Source: the type `static` in Azure's tables of
 * server parameters for PostgreSQL 15, 17 and 18.
 */
const STATIC_PARAMETERS: ReadonlySet<string> = new Set([
  "autovacuum_freeze_max_age",
  "autovacuum_max_workers",
  "autovacuum_multixact_freeze_max_age",
  "autovacuum_worker_slots",
  "azure_cdc.max_fabric_mirrors",
  "commit_timestamp_buffers",
  "cron.database_name",
  "cron.log_run",
  "cron.log_statement",
  "cron.max_running_jobs",
  "cron.timezone",
  "duckdb.max_memory",
  "duckdb.max_workers_per_postgres_scan",
  "duckdb.memory_limit",
  "duckdb.threads",
  "duckdb.worker_threads",
  "huge_pages",
  "io_max_concurrency",
  "io_method",
  "max_active_replication_origins",
  "max_connections",
  "max_locks_per_transaction",
  "max_logical_replication_workers",
  "max_prepared_transactions",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "multixact_member_buffers",
  "multixact_offset_buffers",
  "notify_buffers",
  "old_snapshot_threshold",
  "pg_stat_statements.max",
  "serializable_buffers",
  "shared_buffers",
  "subtransaction_buffers",
  "track_activity_query_size",
  "track_commit_timestamp",
  "transaction_buffers",
  "wal_buffers",
  "wal_level",
]);

export interface ServerParameter {
  readonly name: string;
  readonly value: pulumi.Input<string>;
}

export interface ServerParameterPlan {
  /** Written first: the allow-list, then the static parameters. */
  readonly beforeRestart: readonly ServerParameter[];
  /** Those of `beforeRestart` that need a restart. */
  readonly static: readonly ServerParameter[];
  /** Written after the restart has loaded pgAudit, in the order of their names. */
  readonly afterRestart: readonly ServerParameter[];
}

export interface ServerParameterChoices {
  /** Extensions that are allowed anyway. */
  readonly presentExtensions: pulumi.Input<readonly string[]>;
  /** Libraries that are preloaded anyway. */
  readonly presentLibraries: pulumi.Input<readonly string[]>;
  /** Extensions to allow besides PGAUDIT and those. */
  readonly extensions: readonly string[];
  /** Libraries to preload besides pgaudit and those. */
  readonly sharedPreloadLibraries: readonly string[];
  readonly audit: { readonly objects: readonly unknown[] };
  /** Any other parameters; they override the lab's defaults. */
  readonly serverParameters: Readonly<Record<string, string>>;
}

/** Whether a change takes effect at a restart only. */
export const isStatic = ({ name }: ServerParameter): boolean =>
  name === "shared_preload_libraries" || STATIC_PARAMETERS.has(name);

/** The parameters to write, and their order around the one restart. */
export function planServerParameters(choices: ServerParameterChoices): ServerParameterPlan {
  const parameters = Object.entries({
    ...LAB_DEFAULTS,
    ...(choices.audit.objects.length > 0 && { "pgaudit.role": AUDIT_ROLE }),
    ...choices.serverParameters,
  })
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
  const needRestart = [
    {
      name: "shared_preload_libraries",
      value: extended(choices.presentLibraries, ["pgaudit", ...choices.sharedPreloadLibraries]),
    },
    ...parameters.filter(isStatic),
  ];
  return {
    beforeRestart: [
      {
        name: "azure.extensions",
        value: extended(choices.presentExtensions, [
          "PGAUDIT",
          ...choices.extensions.map((name) => name.toUpperCase()),
        ]),
      },
      ...needRestart,
    ],
    static: needRestart,
    afterRestart: parameters.filter((parameter) => !isStatic(parameter)),
  };
}

/** A list of names, as a server parameter has it: what is there, then what is added. Letter case makes no other name. */
function extended(
  present: pulumi.Input<readonly string[]>,
  added: readonly string[],
): pulumi.Input<string> {
  const merge = (names: readonly string[]) => {
    const byName = new Map([...added, ...names].map((name) => [name.toLowerCase(), name]));
    const order = [...names, ...added].map((name) => name.toLowerCase());
    return [...new Set(order)].map((name) => byName.get(name)).join(",");
  };
  return Array.isArray(present)
    ? merge(present as readonly string[])
    : pulumi.output(present).apply(merge);
}
