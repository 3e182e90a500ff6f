/** The original workshop's prefix. Azure's default, `%t-%c-`, names neither user, database nor client. */
export const LOG_LINE_PREFIX = "%t %p %l-1 db-%d,user-%u,app-%a,client-%h ";

/** The lab's defaults, in place of Azure's. */
const LAB_DEFAULTS: Readonly<Record<string, string>> = {
  "pgaudit.log": "ALL",
  log_line_prefix: LOG_LINE_PREFIX,
};

/**
 * Libraries that Azure preloads by default; a value without them would unload them.
 * Source: Azure's server parameter tables, shared_preload_libraries, PostgreSQL 15, 17 and 18.
 */
const azurePreloadLibraries = (version: string): string[] =>
  version === "17" ? ["pg_stat_statements"] : ["pg_cron", "pg_stat_statements"];

/**
 * Parameters that take effect at a restart only: those of context `postmaster` in PostgreSQL 14 to 18 that a flexible
 * server allows to change, and the query store's. All others are written after the restart.
 */
const STATIC_PARAMETERS: ReadonlySet<string> = new Set([
  "autovacuum_freeze_max_age",
  "autovacuum_max_workers",
  "autovacuum_multixact_freeze_max_age",
  "cron.database_name",
  "cron.log_run",
  "cron.log_statement",
  "cron.max_running_jobs",
  "huge_pages",
  "max_connections",
  "max_files_per_process",
  "max_locks_per_transaction",
  "max_logical_replication_workers",
  "max_pred_locks_per_transaction",
  "max_prepared_transactions",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "pg_qs.interval_length_minutes",
  "pg_stat_statements.max",
  "shared_buffers",
  "track_activity_query_size",
  "track_commit_timestamp",
  "wal_buffers",
  "wal_level",
]);

export interface ServerParameter {
  readonly name: string;
  readonly value: string;
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
  /** PostgreSQL's major version. */
  readonly version: string;
  /** Extensions to allow besides PGAUDIT. */
  readonly extensions: readonly string[];
  /** Libraries to preload besides pgaudit and Azure's. */
  readonly sharedPreloadLibraries: readonly string[];
  /** Any other parameters; they override the lab's defaults. */
  readonly serverParameters: Readonly<Record<string, string>>;
}

/** The parameters to write, and their order around the one restart. */
export function planServerParameters(choices: ServerParameterChoices): ServerParameterPlan {
  const parameters = Object.entries({ ...LAB_DEFAULTS, ...choices.serverParameters })
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
  const isStatic = ({ name }: ServerParameter) => STATIC_PARAMETERS.has(name);
  const needRestart = [
    {
      name: "shared_preload_libraries",
      value: merge(
        [...azurePreloadLibraries(choices.version), "pgaudit"],
        choices.sharedPreloadLibraries,
      ),
    },
    ...parameters.filter(isStatic),
  ];
  return {
    beforeRestart: [
      {
        name: "azure.extensions",
        value: merge(
          ["PGAUDIT"],
          choices.extensions.map((name) => name.toUpperCase()),
        ),
      },
      ...needRestart,
    ],
    static: needRestart,
    afterRestart: parameters.filter((parameter) => !isStatic(parameter)),
  };
}

function merge(own: readonly string[], more: readonly string[]): string {
  return [...new Set([...own, ...more])].join(",");
}
