/** Why local Azure runs PostgreSQL with a value of its own while it shows Azure's. */
const LOCALE = "Debian has the locale en_US.utf8 only where somebody had it made";
const PATH = "the server's files stand in the lab's folder";
const LOG = "the log shipper reads JSON files that the logging collector writes beside the data";
const NETWORK = "the server listens on the loopback address, at the lab's port";
const TLS = "the certificate is the lab's own";
const ARCHIVE = "there is no backup storage to archive to";

/** Parameters of which Azure's value is shown and not used. */
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

/** Parameters of which Azure's default is shown and not used; a value that somebody writes is. */
export const OWN_DEFAULTS: Readonly<Record<string, string>> = {
  lc_monetary: LOCALE,
  lc_numeric: LOCALE,
};
