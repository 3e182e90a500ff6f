import { z } from "zod";
import { resourceType, ResourceType } from "../../resource-type";
import { API_VERSIONS, serverLock, SERVERS } from "./common";

const IPV4 = z.ipv4();

/** Kept and shown; whoever reaches local Azure's loopback may connect. */
export function firewallRule(): ResourceType {
  return resourceType({
    type: `${SERVERS}/firewallRules`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({ startIpAddress: IPV4, endIpAddress: IPV4 }),
    }),
    asynchronous: ["PUT", "DELETE"],
    lock: serverLock,
    put: ({ body }) => body,
  });
}
