import { sqlIdentifier } from "./sql-quote";

/** A parameter's value for a role, a database, or a role in a database, which wins over the server's. */
export interface AuditSetting {
  /** Absent: all roles. */
  readonly role?: string;
  /** Absent: all databases. */
  readonly database?: string;
  readonly parameter: string;
  readonly value: string;
}

/**
 * All such values that change what is audited, as one line of JSON. With log_min_messages FATAL or PANIC the server logs none of
 * pgAudit's lines. Source: PostgreSQL's documentation of log_min_messages, table of severities, and of pg_db_role_setting.
 */
export const AUDIT_SETTINGS_SQL = `SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'role', rolname, 'database', datname, 'parameter', split_part(entry, '=', 1), 'value', substr(entry, strpos(entry, '=') + 1)))
    ORDER BY rolname, datname, entry), '[]')
  FROM pg_db_role_setting CROSS JOIN unnest(setconfig) entry
  LEFT JOIN pg_roles ON pg_roles.oid = setrole LEFT JOIN pg_database ON pg_database.oid = setdatabase
  WHERE entry LIKE 'pgaudit.%' OR entry ~* '^log_min_messages=(fatal|panic)$';`;

/** Those of `found` that aren't among the `configured` ones. */
export function foreignSettings(
  found: readonly AuditSetting[],
  configured: readonly AuditSetting[],
): AuditSetting[] {
  const known = new Set(configured.map(key));
  return found.filter((setting) => !known.has(key(setting)));
}

/** What PostgreSQL printed of AUDIT_SETTINGS_SQL, in a text with other lines. */
export const settingsIn = (printed: string): AuditSetting[] =>
  JSON.parse(/\[.*\]/.exec(printed)?.[0] ?? "[]") as AuditSetting[];

const key = ({ role = "", database = "", parameter, value }: AuditSetting): string =>
  JSON.stringify([role, database, parameter, value]);

/** What a setting does, and how to remove it. */
export function settingWords({ role, database, parameter, value }: AuditSetting): string {
  const places = [
    ...(role === undefined ? [] : [`role ${role}`]),
    ...(database === undefined ? [] : [`database ${database}`]),
  ];
  return (
    `${places.join(" in ") || "all roles"}: ${parameter} is '${value}', which wins over the server's and isn't in the configuration. ` +
    `This removes it: ${resetSql({ role, database, parameter })}`
  );
}

function resetSql({ role, database, parameter }: Omit<AuditSetting, "value">): string {
  const names = [
    ...(role === undefined && database !== undefined
      ? []
      : [`ROLE ${role === undefined ? "ALL" : sqlIdentifier(role)}`]),
    ...(database === undefined ? [] : [`DATABASE ${sqlIdentifier(database)}`]),
  ];
  return `ALTER ${names.join(" IN ")} RESET ${sqlIdentifier(parameter)};`;
}
