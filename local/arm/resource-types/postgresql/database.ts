import { z } from "zod";
import { resourceType, type ResourceType } from "../../resource-type";
import { API_VERSIONS, serverLock, serverName, SERVERS } from "./common";
import { type FlexibleServerParts, requireWritable } from "./parts";

export function database(parts: FlexibleServerParts): ResourceType {
  const { servers } = parts;
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
    validate: ({ id }) => requireWritable(parts, id),
    validateDelete: ({ id }) => requireWritable(parts, id),
    put: async ({ id, name, body }) => {
      await servers.createDatabase(serverName(id), name, body.properties.collation);
      return { properties: body.properties };
    },
    delete: async ({ id, name }) => {
      // With a stopped server its databases go as files.
      if (servers.state(serverName(id)) === "Stopped") return;
      await servers.dropDatabase(serverName(id), name);
    },
  });
}
