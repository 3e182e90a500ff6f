import { LOOPBACK } from "../../../../common/ports";
import type { MajorVersion } from "../server-build";
import { azureTable, isOfTheService } from "./azure-table";
import { splitList, type Values } from "./server-parameter";

/** Reasons why PostgreSQL runs with another value than the one that local Azure shows. */
const LOCALE = "Debian has the locale en_US.utf8 only if it was generated";
const PATH = "the server's files are in the lab's folder";
const LOG =
  "the log shipper reads JSON files that the logging collector writes next to the data folder";
const NETWORK = "the server listens on the loopback address and the lab's port";
const TLS = "the certificate is issued by the lab";
const ARCHIVE = "there is no backup storage";

/** Parameters whose Azure value is shown but not used, with the reason. */
export const OWN_VALUES: Readonly<Record<string, string>> = {
  archive_command: ARCHIVE,
  archive_mode: ARCHIVE,
  "cron.host": NETWORK,
  config_file: PATH,
  data_directory: PATH,
  hba_file: PATH,
  ident_file: PATH,
  lc_collate: LOCALE,
  lc_ctype: LOCALE,
  lc_messages: LOCALE,
  lc_time: LOCALE,
  listen_addresses: NETWORK,
  local_preload_libraries: "pgextwlist is loaded into each session, for azure.extensions",
  log_destination: LOG,
  log_directory: LOG,
  logging_collector: LOG,
  port: NETWORK,
  reserved_connections: "PostgreSQL 15, whose table on Azure has it too, doesn't know it",
  ssl_ca_file: TLS,
  ssl_cert_file: TLS,
  ssl_key_file: TLS,
  unix_socket_directories: NETWORK,
};

/** Parameters whose Azure default is shown but not used; a written value is used. */
export const OWN_DEFAULTS: Readonly<Record<string, string>> = {
  lc_monetary: LOCALE,
  lc_numeric: LOCALE,
};

/** Whether a written value reaches PostgreSQL. */
export const isForPostgres = (name: string): boolean =>
  !(name in OWN_VALUES) && !isOfTheService(name);

/** Read-only parameters that have other defaults on Azure than in PostgreSQL. */
const READ_ONLY_DEFAULTS = new Set([
  "archive_timeout",
  "authentication_timeout",
  "cron.enable_superuser_jobs",
  "default_toast_compression",
  "krb_server_keyfile",
  "log_file_mode",
  "log_replication_commands",
  "log_rotation_age",
  "log_rotation_size",
  "log_timezone",
  "max_stack_depth",
  "ssl",
  "ssl_ciphers",
  "superuser_reserved_connections",
  "timezone_abbreviations",
  "unix_socket_permissions",
  "wal_keep_size",
]);

/** The value of a parameter that wasn't written. */
export const defaultValue = (version: MajorVersion, name: string): string =>
  azureTable(version).get(name)?.defaultValue ?? "";

/** The content of `parameters.conf`. */
export function parametersFile(version: MajorVersion, overrides: Values): string {
  const defaults = [...azureTable(version).values()]
    .filter(({ name, type }) => type !== "read-only" || READ_ONLY_DEFAULTS.has(name))
    .filter(({ name }) => isForPostgres(name) && !(name in OWN_DEFAULTS))
    .map((row) => [row.name, row.defaultValue] as const);
  const written = Object.entries(overrides).filter(([name]) => isForPostgres(name));
  const values = { ...Object.fromEntries(defaults), ...Object.fromEntries(written) };
  const allowed = splitList((overrides["azure.extensions"] ?? "").toLowerCase());
  return [
    ...Object.entries(values).map(([name, value]) => `${name} = ${quoted(value)}`),
    `extwlist.extensions = ${quoted(allowed.join(","))}`,
    "",
  ].join("\n");
}

/** The content of `pg_hba.conf`. */
export function hostBasedAuthenticationFile(version: MajorVersion, overrides: Values): string {
  const value = (name: string) => (overrides[name] ?? defaultValue(version, name)).toLowerCase();
  const connection = value("require_secure_transport") === "off" ? "host" : "hostssl";
  // The method md5 accepts passwords of both kinds.
  const allowsMd5 = splitList(value("azure.accepted_password_auth_method")).includes("md5");
  return `${connection} all all ${LOOPBACK}/32 ${allowsMd5 ? "md5" : "scram-sha-256"}\n`;
}

/** A string in PostgreSQL's configuration files, on one line. */
function quoted(value: string): string {
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "''")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `'${escaped}'`;
}
