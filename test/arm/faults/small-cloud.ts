import { z } from "zod";
import { resourceType } from "../../../local/arm/resource-type";
import { FLEXIBLE_SERVERS } from "../../../local/arm/resource-type-names";
import { resourceGroup } from "../../../local/arm/resource-types/resource-group";
import { type Timing } from "../../../local/arm/timing";
import { testCloud } from "../support/cloud";
import { type Answer } from "../support/http";

/** A cloud with resource groups and a server type that has long-running operations but no backend. */
export function smallCloud(timing?: Timing) {
  /** Lines of the log. */
  const log: string[] = [];
  /** Names of the servers whose PUT has done its work, in order. */
  const created: string[] = [];
  const server = resourceType({
    type: FLEXIBLE_SERVERS,
    apiVersions: ["2024-08-01"],
    schema: z.strictObject({ location: z.string() }),
    asynchronous: ["PUT", "DELETE"],
    lock: (id) => id,
    put: ({ name, body }) => {
      created.push(name);
      return { location: body.location, properties: { state: "Ready" } };
    },
    actions: { restart: { asynchronous: true, run: async () => undefined } },
  });
  const cloud = testCloud({
    types: [resourceGroup, server],
    timing,
    notify: (line) => log.push(line),
  });
  const serverPath = (name: string, action = "") =>
    `${cloud.group}/providers/${FLEXIBLE_SERVERS}/${name}${action}?api-version=2024-08-01`;
  return {
    cloud,
    log,
    created,
    put: (name = "s") => cloud.request("PUT", serverPath(name), { location: "westeurope" }),
    get: (name = "s") => cloud.request("GET", serverPath(name)),
    restart: (name = "s") => cloud.request("POST", serverPath(name, "/restart")),
    /** One poll of the operation that a request started. */
    poll: ({ headers }: Answer) => cloud.request("GET", headers["azure-asyncoperation"] as string),
    arm: (...faults: unknown[]) => cloud.request("POST", "/local-azure/faults", faults),
  };
}
