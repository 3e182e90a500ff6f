import { type AuditSetting } from "../common/audit-settings";
import { sqlIdentifier, sqlLiteral } from "../common/sql-quote";
import { type AuditOverrides } from "../config/keys/audit";

/** A setting of a role or a database. */
export type OwnerSetting = AuditSetting &
  (
    | { readonly role: string; readonly database?: undefined }
    | { readonly database: string; readonly role?: undefined }
  );

/** The configured ones. */
export const configuredSettings = (audit: {
  readonly roles: AuditOverrides;
  readonly databases: AuditOverrides;
}): OwnerSetting[] => [
  ...entries(audit.roles).map(([role, parameter, value]) => ({ role, parameter, value })),
  ...entries(audit.databases).map(([database, parameter, value]) => ({
    database,
    parameter,
    value,
  })),
];

const entries = (overrides: AuditOverrides): [string, string, string][] =>
  Object.entries(overrides).flatMap(([owner, parameters]) =>
    Object.entries(parameters).map(([name, value]): [string, string, string] => [
      owner,
      name,
      value,
    ]),
  );

export const settingSql = (setting: OwnerSetting): string =>
  `ALTER ${owner(setting)} SET ${sqlIdentifier(setting.parameter)} = ${sqlLiteral(setting.value)};`;

/** The role or database may be gone; PostgreSQL has removed its settings then. */
export function settingRemovalSql(setting: OwnerSetting): string {
  const found =
    setting.role === undefined
      ? `pg_database WHERE datname = ${sqlLiteral(setting.database)}`
      : `pg_roles WHERE rolname = ${sqlLiteral(setting.role)}`;
  return `DO $lab$
BEGIN
  IF EXISTS (SELECT FROM ${found}) THEN
    ALTER ${owner(setting)} RESET ${sqlIdentifier(setting.parameter)};
  END IF;
END
$lab$;`;
}

const owner = (setting: OwnerSetting): string =>
  setting.role === undefined
    ? `DATABASE ${sqlIdentifier(setting.database)}`
    : `ROLE ${sqlIdentifier(setting.role)}`;
