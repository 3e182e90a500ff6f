/** pgAudit's statement classes; a leading minus takes a class away. Source: github.com/pgaudit/pgaudit, "pgaudit.log". */
const AUDIT_CLASSES = [
  "READ",
  "WRITE",
  "FUNCTION",
  "ROLE",
  "DDL",
  "MISC",
  "MISC_SET",
  "ALL",
  "NONE",
];

/** The levels that pgaudit.log_level takes; ERROR, FATAL and PANIC are not allowed. Source: pgAudit's README. */
const AUDIT_LEVELS = [
  ...["debug5", "debug4", "debug3", "debug2", "debug1"],
  ...["info", "notice", "warning", "log"],
];

type Rule = (value: string) => string | undefined;

const oneOf =
  (allowed: readonly string[]): Rule =>
  (value) =>
    allowed.includes(value.toLowerCase()) ? undefined : `takes one of ${allowed.join(", ")}`;

const onOrOff = oneOf(["on", "off"]);

const auditClasses: Rule = (value) => {
  const unknown = value
    .split(",")
    .map((word) => word.trim())
    .filter((word) => !AUDIT_CLASSES.includes(word.toUpperCase().replace(/^-/, "")));
  if (unknown.length === 0) return undefined;
  return `has no class ${unknown.map((word) => `"${word}"`).join(", ")}; the classes are ${AUDIT_CLASSES.join(", ")}, a minus takes one away`;
};

const byteCount: Rule = (value) =>
  /^\d+$/.test(value) ? undefined : "takes a number of bytes, 0 for no limit";

/** Every parameter of pgAudit 1.7 (PostgreSQL 15) with its rule. Source: pgAudit's README, "Settings". */
const PGAUDIT_PARAMETERS: Readonly<Record<string, Rule>> = {
  "pgaudit.log": auditClasses,
  "pgaudit.log_catalog": onOrOff,
  "pgaudit.log_client": onOrOff,
  "pgaudit.log_level": oneOf(AUDIT_LEVELS),
  "pgaudit.log_parameter": onOrOff,
  "pgaudit.log_parameter_max_size": byteCount,
  "pgaudit.log_relation": onOrOff,
  "pgaudit.log_rows": onOrOff,
  "pgaudit.log_statement": onOrOff,
  "pgaudit.log_statement_once": onOrOff,
  "pgaudit.role": () => undefined,
};

/** Parameters that have a configuration key of their own, because they are merged with what Azure needs. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  "azure.extensions": "extensions",
  shared_preload_libraries: "sharedPreloadLibraries",
};

/** What is wrong with a server parameter, or undefined; parameters that are not pgAudit's are judged by the server. */
export function serverParameterProblem(name: string, value: string): string | undefined {
  const ownKey = OWN_KEYS[name];
  if (ownKey) return `${name} is set by the key ${ownKey}, which merges it with what Azure needs`;
  if (!/^[a-z_][a-z0-9_.]*$/.test(name)) {
    return `"${name}" is no parameter name; they are lower-case, like log_connections`;
  }
  if (!name.startsWith("pgaudit.")) return undefined;
  const rule = PGAUDIT_PARAMETERS[name];
  if (!rule) {
    return `pgAudit has no parameter ${name}; it has ${Object.keys(PGAUDIT_PARAMETERS).join(", ")}`;
  }
  const problem = rule(value);
  return problem && `${name} is "${value}", but it ${problem}`;
}

/** A YAML value as PostgreSQL writes it: true is "on". */
export function parameterValue(value: string | number | boolean): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
