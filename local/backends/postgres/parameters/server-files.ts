import { LOOPBACK } from "../../../../common/ports";
import type { MajorVersion } from "../server-build";
import { differencesOf } from "./azure-differences";
import { AZURE_ROWS, isOfTheService } from "./azure-only";
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

/** The value of a parameter that wasn't written. */
export const defaultValue = (version: MajorVersion, name: string): string =>
  differencesOf(version).defaults[name] ?? rowDefault(name);

const rowDefault = (name: string): string =>
  AZURE_ROWS.find((row) => row.name === name)?.defaultValue ?? "";

/** The content of `parameters.conf`. */
export function parametersFile(version: MajorVersion, overrides: Values): string {
  const defaults = [
    ...Object.entries(differencesOf(version).defaults),
    ...AZURE_ROWS.map((row) => [row.name, row.defaultValue] as const),
  ].filter(([name]) => isForPostgres(name) && !(name in OWN_DEFAULTS));
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
export function hostBasedAuthenticationFile(overrides: Values): string {
  const value = (name: string) => (overrides[name] ?? rowDefault(name)).toLowerCase();
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
