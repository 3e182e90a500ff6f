import { type FlexibleServers } from "../../../backends/postgres/flexible-servers";
import { ArmError, serverIsBusy } from "../../arm-error";
import { resourceKey } from "../../resource-id";
import { type NamesTakenElsewhere } from "../../resource-type";

export const API_VERSIONS = ["2025-08-01"];

/** What the resource types of flexible servers have in common. */
export interface ServerContext {
  readonly servers: FlexibleServers;
  readonly busyWindow: BusyWindow;
  readonly namesTakenElsewhere: NamesTakenElsewhere;
  /** Milliseconds of a clock. */
  readonly now: () => number;
}

/** The server's id, from its id or that of a child. Also its lock: requests that change a server don't overlap. */
export const serverIdOf = (id: string): string => id.split("/").slice(0, 9).join("/");

/** The server's name, from its id or that of a child. */
export const serverName = (id: string): string => id.split("/")[8] ?? "";

/**
 * For a while after its creation, although it is Ready, a server answers writes to its parameters, databases and firewall
 * rules with ServerIsBusy. Source: azure-postgresql 134, whose reporter found that a second helps.
 */
export class BusyWindow {
  private readonly ends = new Map<string, number>();

  /** @param now milliseconds of a clock */
  constructor(
    private readonly seconds: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Called at the end of the server's creation. */
  open(serverId: string): void {
    this.ends.set(resourceKey(serverId), this.now() + this.seconds * 1000);
  }

  /** @throws ArmError 409 ServerIsBusy until the end of the window */
  requireOver(serverId: string): void {
    const end = this.ends.get(resourceKey(serverId));
    if (end === undefined) return;
    if (this.now() < end) throw serverIsBusy(serverId);
    this.ends.delete(resourceKey(serverId));
  }
}

/** Azure's error for a restart or stop of a server that isn't Ready. Source: terraform-provider-azurerm 29219. */
export const serverIsNotReady = (name: string, state: string): ArmError =>
  new ArmError(
    409,
    "ServerIsNotReady",
    "Restart or Stop Server can only be performed on Started servers. " +
      `Server Name = ${name}, Current Server State = ${state}`,
  );

/**
 * Azure neither shows nor changes the contents of a stopped server. Source of status and code, for a list of parameters:
 * steampipe-plugin-azure 1015. The text is local Azure's.
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

/** Refuses a write to the parameter, database or firewall rule with this id while its server accepts no writes. */
export function requireWritable({ servers, busyWindow }: ServerContext, id: string): void {
  requireStarted(servers, serverName(id));
  busyWindow.requireOver(serverIdOf(id));
}
