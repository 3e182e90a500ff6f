import { type ResourceType } from "../../resource-type";
import { configuration } from "./configuration";
import { database } from "./database";
import { firewallRule } from "./firewall-rule";
import { flexibleServer } from "./flexible-server";
import { type FlexibleServerParts } from "./parts";

export { BusyWindow } from "./busy-window";

/** A flexible server and what is in it. */
export const flexibleServerTypes = (parts: FlexibleServerParts): ResourceType[] => [
  flexibleServer(parts),
  database(parts),
  firewallRule(parts),
  configuration(parts),
];
