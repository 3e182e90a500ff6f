export const API_VERSIONS = ["2025-08-01"];
export const SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers";

/** The server's id, from its own or from that of what is in it. */
export const serverIdOf = (id: string): string => id.split("/").slice(0, 9).join("/");

/** Requests that change one server don't overlap: the second is answered with ServerIsBusy. */
export const serverLock = serverIdOf;
/** The server's name in its own id or in that of what is in it. */
export const serverName = (id: string): string => id.split("/")[8] ?? "";
