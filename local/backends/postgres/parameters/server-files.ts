import { LOOPBACK } from "../../../../common/ports";
import { DEFAULTS } from "./azure-differences";
import { AZURE_ROWS, isOfTheService } from "./azure-only";
import { type Values } from "./catalogue";
import { OWN_DEFAULTS, OWN_VALUES } from "./own-values";
import { splitList } from "./server-parameter";

/** Whether a value that is written reaches PostgreSQL. */
export const isForPostgres = (name: string): boolean =>
  !(name in OWN_VALUES) && !isOfTheService(name);

/** Azure's defaults, as far as they have to be written for PostgreSQL to have them. */
const WRITTEN_DEFAULTS: Values = Object.fromEntries(
  [
    ...Object.entries(DEFAULTS),
    ...AZURE_ROWS.map(({ name, defaultValue }) => [name, defaultValue] as const),
  ].filter(([name]) => isForPostgres(name) && !(name in OWN_DEFAULTS)),
);

/** What a parameter has while nobody has written it. */
export const defaultValue = (name: string): string =>
  DEFAULTS[name] ?? AZURE_ROWS.find((row) => row.name === name)?.defaultValue ?? "";

/** The lines of `parameters.conf`; lists stay lists because the file's own parser splits them. */
export function parametersFile(overrides: Values): string {
  const written = Object.entries(overrides).filter(([name]) => isForPostgres(name));
  const values = { ...WRITTEN_DEFAULTS, ...Object.fromEntries(written) };
  const allowed = splitList((overrides["azure.extensions"] ?? "").toLowerCase());
  return [
    ...Object.entries(values).map(([name, value]) => `${name} = ${quoted(value)}`),
    `extwlist.extensions = ${quoted(allowed.join(","))}`,
    "",
  ].join("\n");
}

/** The lines of `pg_hba.conf`. */
export function hostBasedAuthenticationFile(overrides: Values): string {
  const value = (name: string) => (overrides[name] ?? defaultValue(name)).toLowerCase();
  const connection = value("require_secure_transport") === "off" ? "host" : "hostssl";
  // PostgreSQL's md5 takes passwords of both kinds.
  const takesMd5 = splitList(value("azure.accepted_password_auth_method")).includes("md5");
  return `${connection} all all ${LOOPBACK}/32 ${takesMd5 ? "md5" : "scram-sha-256"}\n`;
}

/** A string of PostgreSQL's configuration files, on one line. */
function quoted(value: string): string {
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "''")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `'${escaped}'`;
}
