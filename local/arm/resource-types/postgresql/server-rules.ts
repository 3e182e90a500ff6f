import { ArmError } from "../../arm-error";
import { resourceKey } from "../../resource-id";
import { type PutRequest } from "../../resource-type";
import { namesake } from "../global-names";
import { requireAdministratorLogin, requirePassword } from "./administrator";
import { SERVERS } from "./common";
import type { ServerBody } from "./flexible-server";
import type { FlexibleServerParts } from "./parts";
import { requireNetwork } from "./server-network";
import { requireStarted } from "./server-state";
import { invalidValue, requireSku, requireStorageSize } from "./skus";

/** Major versions that can be asked for. Source: Azure's "Supported versions of PostgreSQL". */
const VERSIONS = ["11", "12", "13", "14", "15", "16", "17", "18"];

/** Names that no resource may have. Source: Azure's "Resolve reserved resource name errors". */
const RESERVED_NAMES = ["azure", "microsoft", "windows", "login", "xbox", "office", "office365"];

/** Source: Azure's "Naming rules and restrictions", Microsoft.DBforPostgreSQL. */
export function requireServerName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
    throw new ArmError(
      400,
      "InvalidServerName",
      `Specified server name '${name}' is not valid. It takes 3 to 63 lower-case letters, digits and hyphens, and neither begins nor ends with a hyphen.`,
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

/** Everything that is known to be wrong with a PUT before Azure begins to make or change the server. */
export function validateServer(request: PutRequest<ServerBody>, parts: FlexibleServerParts): void {
  const { body, existing, name } = request;
  const { version, administratorLogin, administratorLoginPassword, storage } = body.properties;
  const before = existing?.shown.properties as ServerBody["properties"] | undefined;
  if (existing) requireStarted(parts.servers, name);
  else requireFreeName(request, parts);
  requireVersion(version, parts.servers.majorVersion);
  requireSku(body.sku);
  requireStorageSize(storage?.storageSizeGB, before?.storage?.storageSizeGB);
  if (before && before.administratorLogin !== administratorLogin) {
    throw invalidValue(
      "AdministratorLogin",
      `It is '${before.administratorLogin}', and can't be changed.`,
    );
  }
  requireAdministratorLogin(administratorLogin);
  if (!existing && administratorLoginPassword === undefined) {
    throw new ArmError(
      400,
      "MissingRequiredParameter",
      "A new server needs properties.administratorLoginPassword.",
    );
  }
  requirePassword(administratorLoginPassword, administratorLogin);
  requireNetwork(request);
  requireRoom(request);
}

function requireVersion(version: string, here: string): void {
  if (!VERSIONS.includes(version)) {
    throw invalidValue("Version", `'${version}' is none of ${VERSIONS.join(", ")}.`);
  }
  if (version === here) return;
  throw new ArmError(
    400,
    "ParameterOutOfRange",
    `Local Azure has PostgreSQL ${here}; the version asked for is '${version}'.`,
  );
}

/** Source of the text: azure-cli 11633; the code isn't documented. */
function requireFreeName(
  { id, name, store }: PutRequest<ServerBody>,
  { namesTakenElsewhere }: FlexibleServerParts,
): void {
  if (!namesTakenElsewhere.has(name) && !namesake(store, SERVERS, { id, name })) return;
  throw new ArmError(
    409,
    "ServerNameAlreadyExists",
    `Specified server name '${name}' is already used. Please use a different name and try again.`,
  );
}

/** One machine has room for one server, on the port that Azure's servers have inside the VM. */
function requireRoom({ id, store }: PutRequest<ServerBody>): void {
  const other = store.ofType(SERVERS).find((record) => resourceKey(record.id) !== resourceKey(id));
  if (!other) return;
  throw new ArmError(
    409,
    "QuotaExceeded",
    `Local Azure runs one flexible server, and '${other.name}' is there.`,
  );
}
