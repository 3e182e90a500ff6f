import { z } from "zod";
import { resourceType, type ResourceType } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import {
  API_VERSIONS,
  requireStarted,
  requireWritable,
  type ServerContext,
  serverIdOf,
  serverName,
} from "./server-state";
import { invalidValue } from "./skus";

/** On each of Azure's servers; nobody but Azure can enter the first two. Source: Azure's "Servers in Azure Database for PostgreSQL". */
const AZURE_DATABASES = ["azure_maintenance", "azure_sys", "postgres"];
const RESERVED = [...AZURE_DATABASES, "template0", "template1"];
/** PostgreSQL's NAMEDATALEN - 1. */
const MOST_BYTES = 63;

const SHOWN = { properties: { charset: "UTF8", collation: "en_US.utf8" } };

/** Databases, also those that were created by SQL. Azure lists its own too. */
export function database(context: ServerContext): ResourceType {
  const { servers } = context;
  /** Those that aren't Azure's. */
  const own = async (server: string): Promise<string[]> => {
    requireStarted(servers, server);
    return (await servers.databases(server)).filter((name) => !RESERVED.includes(name));
  };
  return resourceType({
    type: `${FLEXIBLE_SERVERS}/databases`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z
        .strictObject({
          charset: z.literal("UTF8").default("UTF8"),
          collation: z.enum(["en_US.utf8", "C.UTF-8"]).default("en_US.utf8"),
        })
        .prefault({}),
    }),
    asynchronous: ["PUT", "DELETE"],
    lock: serverIdOf,
    deletedWithParent: true,
    requireValidName: requireDatabaseName,
    validate: ({ id }) => requireWritable(context, id),
    validateDelete: ({ id }) => requireWritable(context, id),
    put: async ({ id, name, body }) => {
      // The collation is only stored: the server's locale is C.UTF-8, because Debian may lack en_US.utf8.
      await servers.createDatabase(serverName(id), name);
      return { properties: body.properties };
    },
    exists: async ({ id, name }) => (await own(serverName(id))).includes(name),
    find: async (id, names) => {
      const name = names.at(-1) ?? "";
      requireDatabaseName(name);
      return (await own(serverName(id))).includes(name) ? SHOWN : undefined;
    },
    list: async (parent) =>
      [...AZURE_DATABASES, ...(await own(serverName(parent)))].map((name) => ({
        name,
        shown: SHOWN,
      })),
    delete: ({ id, name }) => servers.dropDatabase(serverName(id), name),
  });
}

/** Source of code and text, for a GET of postgres: azure-cli 28337. */
function requireDatabaseName(name: string): void {
  if (RESERVED.includes(name)) {
    throw invalidValue("databaseName", `'${name}' is a database of the system.`);
  }
  if (Buffer.byteLength(name) <= MOST_BYTES) return;
  throw invalidValue("databaseName", `'${name}' is longer than ${MOST_BYTES} bytes.`);
}
