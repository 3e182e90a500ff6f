export { configuration } from "./configuration";
export { database } from "./database";
export { firewallRule } from "./firewall-rule";
export { flexibleServer } from "./flexible-server";
