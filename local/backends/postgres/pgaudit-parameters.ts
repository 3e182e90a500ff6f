import type { Setting } from "./parameters";

const parameter = (
  name: string,
  boot: string,
  vartype: "bool" | "enum" | "integer" | "string",
  description: string,
  more: Partial<Setting> = {},
): Setting => ({
  name: `pgaudit.${name}`,
  setting: boot,
  unit: null,
  short_desc: description,
  context: "superuser",
  vartype,
  min_val: null,
  max_val: null,
  enumvals: null,
  boot_val: boot,
  pending_restart: false,
  ...more,
});

const LEVELS = [
  "debug5",
  "debug4",
  "debug3",
  "debug2",
  "debug1",
  "info",
  "notice",
  "warning",
  "log",
];

/** pgAudit's parameters, which Azure lists also while the library isn't loaded. Source: pgAudit 1.7's README. */
export const PGAUDIT_PARAMETERS: readonly Setting[] = [
  parameter("log", "none", "string", "Specifies which classes of statements will be logged."),
  parameter("log_catalog", "on", "bool", "Logs statements whose relations are all in pg_catalog."),
  parameter("log_client", "off", "bool", "Shows audit messages to the client too."),
  parameter("log_level", "log", "enum", "Specifies the log level of audit entries.", {
    enumvals: LEVELS,
  }),
  parameter("log_parameter", "off", "bool", "Logs the parameters of statements."),
  parameter("log_parameter_max_size", "0", "integer", "Leaves out longer parameters.", {
    min_val: "0",
    max_val: "1073741823",
  }),
  parameter("log_relation", "off", "bool", "Logs an entry for each relation of a statement."),
  parameter("log_rows", "off", "bool", "Logs how many rows a statement returned or changed."),
  parameter("log_statement", "on", "bool", "Logs the text of statements."),
  parameter("log_statement_once", "off", "bool", "Logs the text of a statement once only."),
  parameter("role", "", "string", "Specifies the master role for object audit logging."),
];
