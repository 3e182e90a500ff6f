import { ArmError } from "../../arm-error";
import { invalidValue } from "./skus";

/**
 * Source: Azure's "Quickstart: Create an instance of Azure Database for PostgreSQL", administrator login; `azuresu` is
 * the superuser of Azure's sessions.
 */
const RESERVED_LOGINS =
  "azure_superuser azure_pg_admin azuresu admin administrator root guest public".split(" ");

export function requireAdministratorLogin(login: string): void {
  const problem = problemOf(login);
  if (problem !== undefined) throw invalidValue("AdministratorLogin", `'${login}' ${problem}`);
}

function problemOf(login: string): string | undefined {
  if (!/^[a-zA-Z_][a-zA-Z0-9_-]{0,62}$/.test(login)) {
    return "must consist of 1 to 63 letters, digits, hyphens and underscores, and begin with a letter or an underscore.";
  }
  if (login.toLowerCase().startsWith("pg_")) return "begins with pg_, which PostgreSQL reserves.";
  return RESERVED_LOGINS.includes(login.toLowerCase()) ? "is reserved." : undefined;
}

const CHARACTER_CLASSES = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^a-zA-Z0-9]/];

/**
 * The rule is the portal's, quoted in Azure/reliable-web-app-pattern-java 98, except that parts of the login are allowed.
 * Code and text are those of Azure SQL, from the response in microsoft/TailwindTraders 2; PostgreSQL's aren't documented.
 */
export function requirePassword(password: string | undefined, login: string): void {
  if (password === undefined) return;
  const classes = CHARACTER_CLASSES.filter((characters) => characters.test(password)).length;
  if (classes >= 3 && !password.toLowerCase().includes(login.toLowerCase())) return;
  throw new ArmError(
    400,
    "PasswordNotComplex",
    "Password validation failed. The password does not meet policy requirements because it is not complex enough: it " +
      "must contain characters of three of the classes upper-case letters, lower-case letters, digits and others, and " +
      "must not contain the administrator's login.",
  );
}
