import { quoted } from "./quoted";

/**
 * The classes of statements that Azure accepts. pgAudit also accepts misc_set and a minus before a class, which Azure
 * refuses. Source: Azure's server parameter tables, customized options, pgaudit.log.
 */
const AUDIT_CLASSES = ["READ", "WRITE", "FUNCTION", "ROLE", "DDL", "MISC", "ALL", "NONE"];

/** The levels that pgaudit.log_level accepts: not ERROR, FATAL and PANIC. Source: pgAudit's README. */
const AUDIT_LEVELS = [
  ...["debug5", "debug4", "debug3", "debug2", "debug1"],
  ...["info", "notice", "warning", "log"],
];

type Rule = (value: string) => string | undefined;

const oneOf =
  (allowed: readonly string[]): Rule =>
  (value) =>
    allowed.includes(value.toLowerCase()) ? undefined : `must be one of ${allowed.join(", ")}`;

const onOrOff = oneOf(["on", "off"]);

const auditClasses: Rule = (value) => {
  const unknown = value
    .split(",")
    .map((word) => word.trim())
    .filter((word) => !AUDIT_CLASSES.includes(word.toUpperCase()));
  if (unknown.length === 0) return undefined;
  return `has no class ${unknown.map((word) => `"${word}"`).join(", ")}; Azure's classes are ${AUDIT_CLASSES.join(", ")}`;
};

/** A role's name. Source: the same tables, pgaudit.role. */
const roleName: Rule = (value) =>
  /^[A-Za-z._]*$/.test(value)
    ? undefined
    : "must be a role's name of letters, dots and underscores";

/**
 * pgAudit's parameters, with the rules of those that Azure has. Azure lacks log_parameter_max_size so far; the server judges
 * it. Sources: pgAudit's README; Azure's server parameter tables, customized options, 2026.
 */
const PGAUDIT_PARAMETERS: Readonly<Record<string, Rule>> = {
  "pgaudit.log": auditClasses,
  "pgaudit.log_catalog": onOrOff,
  "pgaudit.log_client": onOrOff,
  "pgaudit.log_level": oneOf(AUDIT_LEVELS),
  "pgaudit.log_parameter": onOrOff,
  "pgaudit.log_parameter_max_size": () => undefined,
  "pgaudit.log_relation": onOrOff,
  "pgaudit.log_rows": onOrOff,
  "pgaudit.log_statement": onOrOff,
  "pgaudit.log_statement_once": onOrOff,
  "pgaudit.role": roleName,
};

/**
 * Parameters of interest for an audit trail that are read-only on Azure; a write is accepted and fails with the text "{0}".
 * Source: Azure's server parameter tables, reporting and logging, 2025-12; pulumi-azure-native 898.
 */
const READ_ONLY: Readonly<Record<string, string>> = {
  log_replication_commands: "on",
  log_timezone: "UTC",
};

/** The names with capital letters. */
const CAPITALISED = ["DateStyle", "IntervalStyle", "TimeZone"];

/** Parameters with a separate configuration key, because their values are merged with Azure's. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  "azure.extensions": "extensions",
  shared_preload_libraries: "sharedPreloadLibraries",
};

/** The problem of a server parameter, or undefined if there is none. The server checks all but pgAudit's. */
export function serverParameterProblem(name: string, value: string): string | undefined {
  const ownKey = own(OWN_KEYS, name);
  if (ownKey) return `${name} is set by the key ${ownKey}, which merges it with Azure's value`;
  if (!/^[a-z_][a-z0-9_.]*$/.test(name) && !CAPITALISED.includes(name)) {
    return `${quoted(name)} is no parameter name; they are lower-case, like log_lock_waits`;
  }
  const fixed = own(READ_ONLY, name);
  if (fixed !== undefined)
    return `${name} is read-only on Azure, where it is ${fixed}: leave it out`;
  if (!name.startsWith("pgaudit.")) return undefined;
  const rule = PGAUDIT_PARAMETERS[name];
  if (!rule) {
    return `pgAudit has no parameter ${name}; it has ${Object.keys(PGAUDIT_PARAMETERS).join(", ")}`;
  }
  const problem = rule(value);
  return problem && `${name} is ${quoted(value)}, but it ${problem}`;
}

/** Without what every object inherits, such as `constructor`. */
const own = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** A YAML value as PostgreSQL writes it: true is "on". */
export function parameterValue(value: string | number | boolean): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
