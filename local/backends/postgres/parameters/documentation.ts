import type { MajorVersion } from "../server-build";

/** Pages of PostgreSQL's manual by the first part of pg_settings.category. */
const PAGES: Readonly<Record<string, string>> = {
  Autovacuum: "autovacuum",
  "Client Connection Defaults": "client",
  "Connections and Authentication": "connection",
  "Developer Options": "developer",
  "Error Handling": "error-handling",
  "File Locations": "file-locations",
  "Lock Management": "locks",
  "Preset Options": "preset",
  "Query Tuning": "query",
  Replication: "replication",
  "Reporting and Logging": "logging",
  "Resource Usage": "resource",
  Statistics: "statistics",
  Vacuuming: "vacuum",
  "Version and Platform Compatibility": "compatible",
  "Write-Ahead Log": "wal",
};

const FLEXIBLE_SERVER = "https://learn.microsoft.com/azure/postgresql/flexible-server";

/** Pages for parameters of libraries and of the service. Source: Azure's tables. */
const PAGES_OF_LIBRARIES: Readonly<Record<string, string>> = {
  auto_explain: "https://www.postgresql.org/docs/current/auto-explain.html",
  "azure.extensions": `${FLEXIBLE_SERVER}/concepts-extensions#extension-versions`,
  index_tuning: `${FLEXIBLE_SERVER}/how-to-configure-index-tuning#configuration-options`,
  intelligent_tuning: "https://go.microsoft.com/fwlink/?linkid=2274150",
  logfiles: "https://go.microsoft.com/fwlink/?linkid=2274270",
  metrics: `${FLEXIBLE_SERVER}/concepts-monitoring`,
  pg_stat_statements: "https://www.postgresql.org/docs/current/pgstatstatements.html",
  pgaudit: "https://github.com/pgaudit/pgaudit/blob/master/README.md",
  pgbouncer: "https://www.pgbouncer.org/config.html",
  pglogical: "https://github.com/ArmMbedCloud/pglogical",
};

/**
 * The page that documents a parameter; undefined if Azure names none.
 * @param category as in pg_settings, such as `Query Tuning / Other Planner Options`
 */
export function documentationLink(
  version: MajorVersion,
  name: string,
  category?: string,
): string | undefined {
  const page = PAGES[category?.split(" / ")[0] ?? ""];
  if (page === undefined) {
    return PAGES_OF_LIBRARIES[name] ?? PAGES_OF_LIBRARIES[name.split(".")[0] ?? ""];
  }
  const anchor = `GUC-${name.toUpperCase().replaceAll("_", "-")}`;
  return `https://www.postgresql.org/docs/${version}/runtime-config-${page}.html#${anchor}`;
}
