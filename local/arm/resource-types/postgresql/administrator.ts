import { ArmError } from "../../arm-error";
import { invalidValue } from "./skus";

/**
 * Source: Azure's "Quickstart: Create an instance of Azure Database for PostgreSQL", administrator login; `azuresu` is
 * the superuser of Azure's own sessions.
 */
const RESERVED_LOGINS = [
  ...["azure_superuser", "azure_pg_admin", "azuresu", "admin", "administrator", "root", "guest"],
  "public",
];

/** A PostgreSQL role's name that Azure keeps for nobody else. */
export function requireAdministratorLogin(login: string): void {
  const detail = `'${login}' ${problemOf(login)}`;
  if (problemOf(login) !== undefined) throw invalidValue("AdministratorLogin", detail);
}

function problemOf(login: string): string | undefined {
  if (!/^[a-zA-Z_][a-zA-Z0-9_-]{0,62}$/.test(login)) {
    return "isn't 1 to 63 letters, digits, hyphens and underscores that begin with a letter or an underscore.";
  }
  if (login.toLowerCase().startsWith("pg_")) return "begins with pg_, which is PostgreSQL's own.";
  return RESERVED_LOGINS.includes(login.toLowerCase()) ? "is reserved." : undefined;
}

const CHARACTER_CLASSES = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^a-zA-Z0-9]/];

/**
 * The rule: the portal's, quoted in Azure/reliable-web-app-pattern-java 98, but for parts of the login, which this takes.
 * Code and text: SQL's, of which microsoft/TailwindTraders 2 has the response; Azure doesn't document PostgreSQL's.
 */
export function requirePassword(password: string | undefined, login: string): void {
  if (password === undefined) return;
  const classes = CHARACTER_CLASSES.filter((characters) => characters.test(password)).length;
  if (classes >= 3 && !password.toLowerCase().includes(login.toLowerCase())) return;
  throw new ArmError(
    400,
    "PasswordNotComplex",
    "Password validation failed. The password does not meet policy requirements because it is not complex enough: it " +
      "takes characters of three of the classes upper-case letters, lower-case letters, digits and others, and doesn't " +
      "contain the administrator's login.",
  );
}
