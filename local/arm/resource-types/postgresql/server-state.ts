import { type FlexibleServers } from "../../../backends/postgres";
import { ArmError } from "../../arm-error";

/** What Azure answers a restart or a stop with that finds the server at something else. Source: terraform-provider-azurerm 29219. */
export const serverIsNotReady = (name: string, state: string): ArmError =>
  new ArmError(
    409,
    "ServerIsNotReady",
    "Restart or Stop Server can only be performed on Started servers. " +
      `Server Name = ${name}, Current Server State = ${state}`,
  );

/**
 * Azure neither shows nor changes what is in a stopped server. Source of status and code: steampipe-plugin-azure 1015,
 * for a list of parameters; the text is local Azure's own.
 */
export function requireStarted(servers: FlexibleServers, name: string): void {
  const state = servers.state(name);
  if (state !== "Stopped" && state !== "Stopping") return;
  throw new ArmError(
    400,
    "ServerStoppedError",
    `The server '${name}' is in the state ${state}: start it, then try again.`,
  );
}
