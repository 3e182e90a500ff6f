import { type FlexibleServers } from "../../../backends/postgres";
import { type NamesTakenElsewhere } from "../../resource-type";
import { type BusyWindow } from "./busy-window";
import { serverIdOf, serverName } from "./common";
import { requireStarted } from "./server-state";

/** What the resource types of flexible servers work with. */
export interface FlexibleServerParts {
  readonly servers: FlexibleServers;
  readonly busyWindow: BusyWindow;
  readonly namesTakenElsewhere: NamesTakenElsewhere;
}

/** Refuses a write to a parameter, database or firewall rule, by its id, while the server takes none. */
export function requireWritable({ servers, busyWindow }: FlexibleServerParts, id: string): void {
  requireStarted(servers, serverName(id));
  busyWindow.requireOver(serverIdOf(id));
}
