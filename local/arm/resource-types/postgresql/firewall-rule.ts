import { z } from "zod";
import { resourceType, type ResourceType } from "../../resource-type";
import { ArmError } from "../../arm-error";
import { API_VERSIONS, serverIdOf, serverLock, serverName, SERVERS } from "./common";
import { type FlexibleServerParts, requireWritable } from "./parts";
import { isPrivate } from "./server-network";
import { invalidValue } from "./skus";

const IPV4 = z.ipv4();

/** Kept and shown; whoever reaches local Azure's loopback may connect. */
export function firewallRule(parts: FlexibleServerParts): ResourceType {
  return resourceType({
    type: `${SERVERS}/firewallRules`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({ startIpAddress: IPV4, endIpAddress: IPV4 }),
    }),
    asynchronous: ["PUT", "DELETE"],
    lock: serverLock,
    validate: ({ id, body, store }) => {
      requireWritable(parts, id);
      if (isPrivate(store, serverIdOf(id))) throw privateServer(serverName(id));
      requireRange(body.properties);
    },
    validateDelete: ({ id }) => requireWritable(parts, id),
    put: ({ body }) => body,
  });
}

/** Source: azure-rest-api-specs 20616, where the service team says that it has to fail; the code isn't documented. */
const privateServer = (name: string): ArmError =>
  new ArmError(
    400,
    "InvalidParameterValue",
    `The server '${name}' stands inside a virtual network and has no firewall; who reaches it is the network's affair.`,
  );

/** The text is as Azure's for other values; the code isn't documented for this one. */
function requireRange({ startIpAddress, endIpAddress }: { [address: string]: string }): void {
  const number = (address = "") => address.split(".").reduce((sum, part) => sum * 256 + +part, 0);
  if (number(startIpAddress) <= number(endIpAddress)) return;
  throw invalidValue("StartIPAddress", `'${startIpAddress}' comes after '${endIpAddress}'.`);
}
