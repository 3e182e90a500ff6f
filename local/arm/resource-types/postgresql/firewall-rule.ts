import * as ipaddr from "ipaddr.js";
import { z } from "zod";
import { ArmError } from "../../arm-error";
import { resourceType, type ResourceType } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import { isPrivate } from "./server-network";
import {
  API_VERSIONS,
  requireWritable,
  type ServerContext,
  serverIdOf,
  serverName,
} from "./server-state";
import { invalidValue } from "./skus";

const IPV4 = z.ipv4();

/** Stored only: every process on this machine can connect to the server. */
export function firewallRule(context: ServerContext): ResourceType {
  return resourceType({
    type: `${FLEXIBLE_SERVERS}/firewallRules`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({ startIpAddress: IPV4, endIpAddress: IPV4 }),
    }),
    asynchronous: ["PUT", "DELETE"],
    lock: serverIdOf,
    validate: ({ id, body, store }) => {
      requireWritable(context, id);
      if (isPrivate(store, serverIdOf(id))) throw privateServer(serverName(id));
      requireRange(body.properties);
    },
    validateDelete: ({ id }) => requireWritable(context, id),
    put: ({ body }) => body,
  });
}

/** Source: azure-rest-api-specs 20616: the service team says that it must fail; the code isn't documented. */
const privateServer = (name: string): ArmError =>
  new ArmError(
    400,
    "InvalidParameterValue",
    `The server '${name}' is in a virtual network and has no firewall; the network decides who can connect.`,
  );

/** Azure documents neither code nor text for this error; they are those for other invalid values. */
function requireRange({ startIpAddress, endIpAddress }: Record<string, string>): void {
  const bytes = (address = "") => Buffer.from(ipaddr.IPv4.parse(address).octets);
  if (Buffer.compare(bytes(startIpAddress), bytes(endIpAddress)) <= 0) return;
  throw invalidValue(
    "StartIPAddress",
    `'${startIpAddress}' is greater than the end '${endIpAddress}'.`,
  );
}
