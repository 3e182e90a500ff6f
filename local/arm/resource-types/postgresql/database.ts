import { z } from "zod";
import { resourceType, type ResourceType } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import {
  API_VERSIONS,
  requireWritable,
  type ServerContext,
  serverIdOf,
  serverName,
} from "./server-state";

export function database(context: ServerContext): ResourceType {
  const { servers } = context;
  return resourceType({
    type: `${FLEXIBLE_SERVERS}/databases`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({
        charset: z.literal("UTF8").default("UTF8"),
        collation: z.enum(["en_US.utf8", "C.UTF-8"]).default("en_US.utf8"),
      }),
    }),
    asynchronous: ["PUT", "DELETE"],
    lock: serverIdOf,
    validate: ({ id }) => requireWritable(context, id),
    validateDelete: ({ id }) => requireWritable(context, id),
    put: async ({ id, name, body }) => {
      // The collation is only stored: the server's locale is C.UTF-8, because Debian may lack en_US.utf8.
      await servers.createDatabase(serverName(id), name);
      return { properties: body.properties };
    },
    delete: async ({ id, name }) => {
      // The databases of a stopped server are deleted with its files.
      if (servers.state(serverName(id)) === "Stopped") return;
      await servers.dropDatabase(serverName(id), name);
    },
  });
}
