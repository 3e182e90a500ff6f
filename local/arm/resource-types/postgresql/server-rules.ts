import { RESERVED_LOGINS } from "../../../../common/database-login";
import { isMajorVersion, MAJOR_VERSIONS } from "../../../backends/postgres/server-build";
import { ArmError } from "../../arm-error";
import { type ResourceStore } from "../../resource-store";
import { type PutRequest } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import { namesake } from "../common";
import { type ServerBody } from "./server-body";
import { requireNetwork } from "./server-network";
import { requireStarted, type ServerContext } from "./server-state";
import { invalidValue, requireSku, requireStorageSize } from "./skus";

/** Azure's major versions. Source: Azure's "Supported versions of PostgreSQL". */
const VERSIONS = ["11", "12", "13", "14", "15", "16", "17", "18"];

/** Source: Azure's "Resolve reserved resource name errors". */
const RESERVED_NAMES = ["azure", "microsoft", "windows", "login", "xbox", "office", "office365"];

/** Source: Azure's "Naming rules and restrictions", Microsoft.DBforPostgreSQL. */
export function requireServerName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
    throw new ArmError(
      400,
      "InvalidServerName",
      `Specified server name '${name}' is not valid. It must consist of 3 to 63 lower-case letters, digits and hyphens, and must not begin or end with a hyphen.`,
    );
  }
  if (RESERVED_NAMES.includes(name)) {
    throw new ArmError(
      400,
      "ReservedResourceName",
      `The resource name '${name}' or a part of the name is a trademarked or reserved word.`,
    );
  }
}

/** The checks before Azure starts to create or change the server. */
export function validateServer(request: PutRequest<ServerBody>, context: ServerContext): void {
  const { body, existing, name } = request;
  const { version, administratorLogin, administratorLoginPassword, storage } = body.properties;
  const before = existing?.shown.properties as ServerBody["properties"] | undefined;
  if (existing) requireStarted(context.servers, name);
  else requireFreeName(request, context);
  requireVersion(version);
  if (before && before.version !== version) {
    // Azure upgrades the server in place, for good; the program replaces it.
    throw new ArmError(
      400,
      "ParameterOutOfRange",
      `Local Azure doesn't upgrade a server in place: '${name}' has version ${before.version}, the requested version is '${version}'.`,
    );
  }
  requireSku(body.sku);
  requireStorageSize(storage?.storageSizeGB, before?.storage?.storageSizeGB);
  if (before && before.administratorLogin !== administratorLogin) {
    throw invalidValue(
      "AdministratorLogin",
      `It is '${before.administratorLogin}' and can't be changed.`,
    );
  }
  requireAdministratorLogin(administratorLogin);
  if (!existing && administratorLoginPassword === undefined) {
    throw new ArmError(
      400,
      "MissingRequiredParameter",
      "A new server requires properties.administratorLoginPassword.",
    );
  }
  requirePassword(administratorLoginPassword, administratorLogin);
  requireNetwork(request);
}

function requireVersion(version: string): void {
  if (!VERSIONS.includes(version)) {
    throw invalidValue("Version", `'${version}' is not one of ${VERSIONS.join(", ")}.`);
  }
  if (isMajorVersion(version)) return;
  throw new ArmError(
    400,
    "ParameterOutOfRange",
    `Local Azure has PostgreSQL ${MAJOR_VERSIONS.join(", ")}; the requested version is '${version}'.`,
  );
}

/** Source of the text: azure-cli 11633; the code isn't documented. */
function requireFreeName(
  { id, name, store }: PutRequest<ServerBody>,
  { namesTakenElsewhere }: ServerContext,
): void {
  if (!namesTakenElsewhere.has(name) && !namesake(store, FLEXIBLE_SERVERS, { id, name })) return;
  throw new ArmError(
    409,
    "ServerNameAlreadyExists",
    `Specified server name '${name}' is already used. Please use a different name and try again.`,
  );
}

/** Azure keeps a deleted server's backup for five days. Source: Azure's "Restore a deleted server". */
const RETENTION_MILLISECONDS = 5 * 24 * 60 * 60 * 1000;

/** Called after a server's deletion. How long Azure keeps the name isn't documented: here, as long as the backup. */
export function retainName({ now }: ServerContext, store: ResourceStore, name: string): void {
  store.retainName(FLEXIBLE_SERVERS, name, now() + RETENTION_MILLISECONDS);
}

/**
 * Azure accepts a new server with a deleted one's name, and its creation fails.
 * Source: terraform-provider-azurerm 16622, azure-docs 115432; of code and text: azure-dev-docs 765.
 */
export function requireNameOfNoDeletedServer(
  { now }: ServerContext,
  store: ResourceStore,
  name: string,
): void {
  if (!store.retainsName(FLEXIBLE_SERVERS, name, now())) return;
  throw new ArmError(
    409,
    "ServerGroupDropping",
    "Operations on a server group in dropping state are not allowed.",
  );
}

function requireAdministratorLogin(login: string): void {
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

/** A shorter login is in almost every password. Source: Azure's password policy, "part of a login name". */
const SHORTEST_LOGIN_PART = 3;
const CHARACTER_CLASSES = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^a-zA-Z0-9]/];

/**
 * The rule is the portal's, quoted in Azure/reliable-web-app-pattern-java 98, except that parts of the login are allowed.
 * Code and text are those of Azure SQL, from the response in microsoft/TailwindTraders 2; PostgreSQL's aren't documented.
 */
function requirePassword(password: string | undefined, login: string): void {
  if (password === undefined) return;
  const classes = CHARACTER_CLASSES.filter((characters) => characters.test(password)).length;
  const containsLogin =
    login.length >= SHORTEST_LOGIN_PART && password.toLowerCase().includes(login.toLowerCase());
  if (classes >= 3 && !containsLogin) return;
  throw new ArmError(
    400,
    "PasswordNotComplex",
    "Password validation failed. The password does not meet policy requirements because it is not complex enough: it " +
      "must contain characters of three of the classes upper-case letters, lower-case letters, digits and others, and " +
      "must not contain the administrator's login.",
  );
}
