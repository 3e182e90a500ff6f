/**
 * Source: Azure's "Create a flexible server" documentation; `azuresu` is the superuser of Azure's sessions. PostgreSQL has
 * no role `none`.
 */
export const RESERVED_LOGINS: readonly string[] = [
  ...["azure_superuser", "azure_pg_admin", "azuresu", "admin", "administrator", "root"],
  ...["guest", "public", "none"],
];

/** The problem of the name of the server's administrator or of an attendee; undefined if there is none. */
export const databaseLoginProblem = (login: string): string | undefined => {
  if (!/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(login)) {
    return "a role name not starting with pg_, of up to 63 lower-case letters, digits and _";
  }
  return RESERVED_LOGINS.includes(login) ? "Azure reserves that name" : undefined;
};
