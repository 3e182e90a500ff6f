export const API_VERSIONS = ["2025-08-01"];
export const SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers";

/** Requests that change one server don't overlap: the second is answered with ServerIsBusy. */
export const serverLock = (id: string): string => id.split("/").slice(0, 9).join("/");
export const serverName = (id: string): string => id.split("/")[8] ?? "";
