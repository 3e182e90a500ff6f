import { z } from "zod";
import { FlexibleServers } from "../../../backends/postgres";
import { resourceType, ResourceType } from "../../resource-type";
import { API_VERSIONS, serverLock, serverName, SERVERS } from "./common";

export function database(servers: FlexibleServers): ResourceType {
  return resourceType({
    type: `${SERVERS}/databases`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({
        charset: z.literal("UTF8").default("UTF8"),
        collation: z.enum(["en_US.utf8", "C.UTF-8"]).default("en_US.utf8"),
      }),
    }),
    asynchronous: ["PUT", "DELETE"],
    lock: serverLock,
    put: async ({ id, name, body }) => {
      await servers.createDatabase(serverName(id), name, body.properties.collation);
      return { properties: body.properties };
    },
    delete: ({ id, name }) => servers.dropDatabase(serverName(id), name),
  });
}
