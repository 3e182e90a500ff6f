import type { MajorVersion } from "../server-build";
import type { DataType, Values } from "./server-parameter";

/**
 * Where Azure's tables for PostgreSQL 15 differ from pg_settings, for PostgreSQL's parameters. Source: MicrosoftDocs/azure-docs,
 * articles/postgresql/flexible-server/includes/server-parameters-table-15-*.md, tables of 2024, one for each category. Newer
 * are, of December 2025 to April 2026, what is logged and when, the preloaded libraries, and pgAudit:
 * MicrosoftDocs/azure-databases-docs, articles/postgresql/server-parameters/includes/param-15-*.md.
 */

/**
 * Azure's default values. Those that depend on the server's size are the ones of Standard_B1ms (1 vCore, 2 GiB) with 32 GiB
 * of storage. Source of these six, from notes on the same pages: shared_buffers is 16384 pages a GiB up to 2 GiB,
 * effective_cache_size the rest of the memory, maintenance_work_mem (82.5 ln GiB + 40) MiB, max_connections 25 a GiB,
 * wal_buffers 2048 up to 4 vCores, max_wal_size 2048 MiB up to 32 GiB of disk.
 */
export const DEFAULTS: Readonly<Record<string, string>> = {
  archive_command: "BlobLogUpload.sh %f %p",
  archive_mode: "always",
  archive_timeout: "300",
  authentication_timeout: "30",
  backend_flush_after: "256",
  bgwriter_delay: "20",
  checkpoint_timeout: "600",
  client_encoding: "UTF8",
  config_file: "/datadrive/pg/data/postgresql.conf",
  data_directory: "/datadrive/pg/data",
  default_text_search_config: "pg_catalog.english",
  effective_cache_size: "229376",
  hba_file: "/datadrive/pg/data/pg_hba.conf",
  ident_file: "/datadrive/pg/data/pg_ident.conf",
  jit: "off",
  krb_server_keyfile: "",
  lc_collate: "en_US.utf8",
  lc_ctype: "en_US.utf8",
  lc_messages: "en_US.utf8",
  lc_monetary: "en_US.utf-8",
  lc_numeric: "en_US.utf-8",
  lc_time: "en_US.utf8",
  listen_addresses: "*",
  log_connections: "on",
  log_disconnections: "on",
  log_file_mode: "0600",
  log_line_prefix: "%t-%c-",
  log_replication_commands: "on",
  log_rotation_age: "60",
  log_rotation_size: "102400",
  log_timezone: "UTC",
  maintenance_work_mem: "99328",
  max_connections: "50",
  max_stack_depth: "2048",
  max_wal_size: "2048",
  random_page_cost: "2",
  shared_buffers: "32768",
  shared_preload_libraries: "pg_cron,pg_stat_statements",
  ssl: "on",
  ssl_ca_file: "/datadrive/certs/ca.pem",
  ssl_cert_file: "/datadrive/certs/cert.pem",
  ssl_ciphers:
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
  ssl_key_file: "/datadrive/certs/key.pem",
  superuser_reserved_connections: "10",
  tcp_keepalives_count: "9",
  tcp_keepalives_idle: "120",
  tcp_keepalives_interval: "30",
  temp_tablespaces: "temptblspace",
  TimeZone: "UTC",
  timezone_abbreviations: "Default",
  unix_socket_directories: "/tmp",
  unix_socket_permissions: "0777",
  wal_buffers: "2048",
  wal_compression: "on",
  wal_keep_size: "400",
};

/** Ranges, words and patterns; a pattern must match the whole value. */
export const ALLOWED_VALUES: Readonly<Record<string, string>> = {
  application_name: "[A-Za-z0-9._-]*",
  autovacuum_work_mem: "-1-2097151",
  client_encoding:
    "BIG5,EUC_CN,EUC_JP,EUC_JIS_2004,EUC_KR,EUC_TW,GB18030,GBK,ISO_8859_5,ISO_8859_6,ISO_8859_7,ISO_8859_8,JOHAB,KOI8R,KOI8U,LATIN1,LATIN2,LATIN3,LATIN4,LATIN5,LATIN6,LATIN7,LATIN8,LATIN9,LATIN10,MULE_INTERNAL,SJIS,SHIFT_JIS_2004,SQL_ASCII,UHC,UTF8,WIN866,WIN874,WIN1250,WIN1251,WIN1252,WIN1253,WIN1254,WIN1255,WIN1256,WIN1257,WIN1258",
  DateStyle: "(ISO|POSTGRES|SQL|GERMAN)(, (DMY|MDY|YMD))?",
  default_tablespace: "[A-Za-z._]*",
  default_text_search_config: "[A-Za-z._]+",
  gin_pending_list_limit: "64-2097151",
  huge_pages: "on,off,try",
  jit_above_cost: "-1-2147483647",
  jit_inline_above_cost: "-1-2147483647",
  jit_optimize_above_cost: "-1-2147483647",
  lc_monetary: "[A-Za-z0-9._ -]+",
  lc_numeric: "[A-Za-z0-9._ -]+",
  log_destination: "stderr,csvlog",
  log_line_prefix: "[^']*",
  log_statement_sample_rate: "0-1",
  maintenance_work_mem: "1024-2097151",
  max_connections: "25-5000",
  max_locks_per_transaction: "10-8388608",
  max_parallel_maintenance_workers: "0-64",
  max_replication_slots: "2-262143",
  max_wal_senders: "5-100",
  max_wal_size: "32-65536",
  min_wal_size: "32-2097151",
  search_path: '[A-Za-z0-9."$,_ -]+',
  session_preload_libraries: "login_hook",
  shared_preload_libraries:
    "age,anon,auto_explain,azure_storage,credcheck,pg_cron,pg_duckdb,pg_failover_slots,pg_hint_plan,pg_ivm,pg_partman_bgw,pg_prewarm,pg_squeeze,pg_stat_statements,pgaudit,pglogical,timescaledb,wal2json",
  ssl_max_protocol_version: "TLSv1.2,TLSv1.3",
  ssl_min_protocol_version: "TLSv1.2,TLSv1.3",
  temp_tablespaces: "[A-Za-z._]*",
  TimeZone: "[A-Za-z0-9/+_-]+",
  track_activity_query_size: "100-102400",
  wal_level: "replica,logical",
  work_mem: "4096-2097151",
};

/** Data types as Azure names them. */
export const DATA_TYPES: Readonly<Record<string, DataType>> = {
  autovacuum_vacuum_cost_delay: "Integer",
  client_encoding: "Enumeration",
  jit_above_cost: "Integer",
  jit_inline_above_cost: "Integer",
  jit_optimize_above_cost: "Integer",
  log_destination: "Enumeration",
  session_preload_libraries: "Set",
  shared_preload_libraries: "Set",
  vacuum_cost_delay: "Integer",
  wal_compression: "Boolean",
};

/** Parameters that only Azure's service sets, although PostgreSQL allows changes. The only allowed value is the default. */
export const READ_ONLY: ReadonlySet<string> = new Set(
  `allow_in_place_tablespaces allow_system_table_mods archive_cleanup_command archive_command archive_library
  archive_mode archive_timeout authentication_timeout backtrace_functions bonjour bonjour_name
  checkpoint_flush_after client_connection_check_interval cluster_name compute_query_id config_file
  data_directory data_sync_retry db_user_namespace debug_discard_caches default_table_access_method
  default_toast_compression dynamic_library_path dynamic_shared_memory_type enable_async_append
  enable_incremental_sort enable_memoize enable_parallel_append enable_parallel_hash enable_partition_pruning
  event_source external_pid_file fsync full_page_writes hash_mem_multiplier hba_file hot_standby
  huge_page_size ident_file idle_session_timeout ignore_checksum_failure ignore_invalid_pages
  ignore_system_indexes jit_debugging_support jit_dump_bitcode jit_expressions jit_profiling_support
  jit_provider jit_tuple_deforming krb_caseins_users krb_server_keyfile lc_messages lc_time listen_addresses
  local_preload_libraries log_directory log_executor_stats log_file_mode log_filename log_parser_stats
  log_planner_stats log_replication_commands log_rotation_age log_rotation_size log_startup_progress_interval
  log_timezone log_transaction_sample_rate
  log_truncate_on_rotation logging_collector logical_decoding_work_mem maintenance_io_concurrency
  max_files_per_process max_pred_locks_per_transaction max_slot_wal_keep_size max_stack_depth
  min_dynamic_shared_memory parallel_leader_participation plan_cache_mode port post_auth_delay pre_auth_delay
  primary_conninfo primary_slot_name promote_trigger_file recovery_end_command recovery_init_sync_method
  recovery_min_apply_delay recovery_prefetch recovery_target recovery_target_action recovery_target_inclusive
  recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid
  recursive_worktable_factor restart_after_crash restore_command shared_memory_type ssl ssl_ca_file
  ssl_cert_file ssl_ciphers ssl_crl_dir ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_key_file
  ssl_passphrase_command ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers
  stats_fetch_consistency superuser_reserved_connections synchronous_commit synchronous_standby_names
  syslog_facility syslog_ident syslog_sequence_numbers syslog_split_messages temp_file_limit
  timezone_abbreviations trace_notify trace_recovery_messages trace_sort track_wal_io_timing
  transaction_deferrable transaction_isolation transaction_read_only unix_socket_directories unix_socket_group
  unix_socket_permissions update_process_title vacuum_failsafe_age vacuum_multixact_failsafe_age
  wal_consistency_checking wal_decode_buffer_size wal_init_zero wal_keep_size wal_log_hints
  wal_receiver_create_temp_slot wal_receiver_timeout wal_recycle wal_retrieve_retry_interval
  wal_sender_timeout wal_skip_threshold wal_sync_method zero_damaged_pages`.split(/\s+/),
);

/** Parameters of Debian's PostgreSQL 15 that Azure's tables don't list. */
export const NOT_LISTED: ReadonlySet<string> = new Set([
  "composite_type_mismatch",
  "extension_destdir",
  "old_snapshot_threshold",
  "output_plugin_libraries",
  "remove_temp_files_after_crash",
  "restrict_nonsystem_relation_kind",
]);

interface Differences {
  readonly defaults: Values;
  readonly allowedValues: Values;
  readonly dataTypes: Readonly<Record<string, DataType>>;
}

/**
 * What differs in the tables of later versions, for logging and preloading; the rest of them wasn't compared. Source: the
 * same folder, param-{17,18}-{client-connection-defaults-shared-library-preloading,reporting-logging-what-log}.md.
 */
const LATER: Readonly<Record<MajorVersion, Partial<Differences>>> = {
  "15": {},
  "17": {
    defaults: { shared_preload_libraries: "pg_stat_statements" },
    allowedValues: {
      shared_preload_libraries:
        "anon,auto_explain,azure_storage,credcheck,pg_cron,pg_duckdb,pg_hint_plan,pg_partman_bgw,pg_prewarm,pg_squeeze,pg_stat_statements,pgaudit,pglogical,timescaledb,wal2json",
    },
  },
  "18": {
    defaults: { log_autovacuum_min_duration: "-1" },
    allowedValues: {
      log_connections: "on,off,receipt,authentication,authorization,setup_durations,all",
      shared_preload_libraries:
        "age,anon,auto_explain,azure_storage,credcheck,pg_cron,pg_duckdb,pg_hint_plan,pg_ivm,pg_partman_bgw,pg_prewarm,pg_squeeze,pg_stat_statements,pgaudit,pglogical,timescaledb,wal2json",
    },
    dataTypes: { log_connections: "Set" },
  },
};

/** Where Azure's tables for a version differ from pg_settings. */
export function differencesOf(version: MajorVersion): Differences {
  const { defaults, allowedValues, dataTypes } = LATER[version];
  return {
    defaults: { ...DEFAULTS, ...defaults },
    allowedValues: { ...ALLOWED_VALUES, ...allowedValues },
    dataTypes: { ...DATA_TYPES, ...dataTypes },
  };
}
