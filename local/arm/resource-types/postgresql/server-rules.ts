import { FlexibleServers } from "../../../backends/postgres";
import { ArmError } from "../../arm-error";
import { PutRequest } from "../../resource-type";
import { SERVERS } from "./common";
import type { ServerBody } from "./flexible-server";

/** Source: Azure's "Naming rules and restrictions", Microsoft.DBforPostgreSQL. */
export function requireServerName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
    throw new ArmError(
      400,
      "InvalidServerName",
      `Specified server name '${name}' is not valid. It takes 3 to 63 lower-case letters, digits and hyphens.`,
    );
  }
}

export function validateServer(
  { id, body, store, existing }: PutRequest<ServerBody>,
  servers: FlexibleServers,
): void {
  const refuse = (status: number, code: string, message: string) => {
    throw new ArmError(status, code, message);
  };
  const { version, administratorLogin, administratorLoginPassword } = body.properties;
  if (!existing && administratorLoginPassword === undefined) {
    refuse(
      400,
      "MissingRequiredParameter",
      "A new server needs properties.administratorLoginPassword.",
    );
  }
  if (version !== servers.majorVersion) {
    refuse(
      400,
      "ParameterOutOfRange",
      `Local Azure has PostgreSQL ${servers.majorVersion}; the version asked for is '${version}'.`,
    );
  }
  const before = existing?.shown.properties as ServerBody["properties"] | undefined;
  if (before && before.administratorLogin !== administratorLogin) {
    refuse(400, "InvalidParameterValue", "The administrator login name can't be changed.");
  }
  // One machine has room for one server, on the port that Azure's servers have inside the VM.
  const other = store
    .ofType(SERVERS)
    .find((record) => record.id.toLowerCase() !== id.toLowerCase());
  if (other) {
    refuse(
      409,
      "QuotaExceeded",
      `Local Azure runs one flexible server, and '${other.name}' is there.`,
    );
  }
}
