import { z } from "zod";
import { FlexibleServers } from "../../backends/postgres";
import { InvalidParameterError } from "../../backends/postgres/parameters";
import { ArmError, resourceNotFound } from "../arm-error";
import { ResourceRecord } from "../resource-store";
import { PutRequest, resourceType, ResourceType } from "../resource-type";
import { LOCATION, TAGS } from "./common-schemas";

const API_VERSIONS = ["2025-08-01"];
const SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers";

const SERVER_BODY = z.strictObject({
  location: LOCATION,
  tags: TAGS,
  sku: z.strictObject({
    name: z.string().regex(/^Standard_/),
    tier: z.enum(["Burstable", "GeneralPurpose", "MemoryOptimized"]),
  }),
  properties: z.strictObject({
    createMode: z.enum(["Default", "Create", "Update"]).optional(),
    version: z.string(),
    availabilityZone: z.enum(["", "1", "2", "3"]).optional(),
    administratorLogin: z.string(),
    administratorLoginPassword: z.string().min(8).max(128),
    storage: z.strictObject({ storageSizeGB: z.int().min(32) }).optional(),
    backup: z
      .strictObject({
        backupRetentionDays: z.int().min(7).max(35).optional(),
        geoRedundantBackup: z.enum(["Enabled", "Disabled"]).optional(),
      })
      .optional(),
    highAvailability: z
      .strictObject({
        mode: z.enum(["Disabled", "SameZone", "ZoneRedundant"]),
        standbyAvailabilityZone: z.string().optional(),
      })
      .optional(),
    authConfig: z
      .strictObject({
        passwordAuth: z.enum(["Enabled", "Disabled"]).optional(),
        activeDirectoryAuth: z.enum(["Enabled", "Disabled"]).optional(),
        tenantId: z.string().optional(),
      })
      .optional(),
    network: z
      .strictObject({
        publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional(),
        delegatedSubnetResourceId: z.string().optional(),
        privateDnsZoneArmResourceId: z.string().optional(),
      })
      .optional(),
  }),
});

type ServerBody = z.infer<typeof SERVER_BODY>;

/** Requests that change one server don't overlap: the second is answered with ServerIsBusy. */
const serverLock = (id: string): string => id.split("/").slice(0, 9).join("/");
const serverName = (id: string): string => id.split("/")[8] ?? "";

export function flexibleServer(servers: FlexibleServers): ResourceType {
  return resourceType({
    type: SERVERS,
    apiVersions: API_VERSIONS,
    schema: SERVER_BODY,
    asynchronous: true,
    lock: serverLock,
    validate: (request) => validateServer(request, servers),
    put: async ({ name, body, existing }) => {
      const { administratorLogin, administratorLoginPassword, ...visible } = body.properties;
      await servers.create({ name, administratorLogin, administratorLoginPassword });
      const { createMode: _, ...properties } = visible;
      return {
        location: body.location,
        tags: body.tags,
        sku: body.sku,
        properties: {
          ...properties,
          administratorLogin,
          fullyQualifiedDomainName: `${name}.postgres.database.azure.com`,
          replicationRole: "Primary",
          replicaCapacity: 5,
          availabilityZone: properties.availabilityZone || "1",
          network: {
            publicNetworkAccess: properties.network?.delegatedSubnetResourceId
              ? "Disabled"
              : "Enabled",
            ...properties.network,
          },
          minorVersion: existing
            ? (existing.shown.properties as { minorVersion: string }).minorVersion
            : await servers.minorVersion(name),
        },
      };
    },
    show: async (record) => ({
      ...record.shown,
      properties: {
        ...(record.shown.properties as object),
        state: servers.state(record.name),
      },
    }),
    delete: ({ name }) => servers.delete(name),
    actions: {
      restart: { asynchronous: true, run: async ({ name }) => restart(servers, name) },
      start: { asynchronous: true, run: async ({ name }) => servers.start(name) },
      stop: { asynchronous: true, run: async ({ name }) => servers.stop(name) },
    },
  });
}

async function restart(servers: FlexibleServers, name: string): Promise<void> {
  if (servers.state(name) === "Stopped") {
    throw new ArmError(
      409,
      "ServerIsNotReady",
      `Operation cannot be performed because server '${name}' is not in the Ready state.`,
    );
  }
  await servers.restart(name);
}

function validateServer(
  { id, name, body, store, existing }: PutRequest<ServerBody>,
  servers: FlexibleServers,
): void {
  const refuse = (status: number, code: string, message: string) => {
    throw new ArmError(status, code, message);
  };
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
    refuse(
      400,
      "InvalidServerName",
      `Specified server name '${name}' is not valid. It takes 3 to 63 lower-case letters, digits and hyphens.`,
    );
  }
  const { version, administratorLogin } = body.properties;
  if (version !== servers.majorVersion) {
    refuse(
      400,
      "ParameterOutOfRange",
      `Local Azure has PostgreSQL ${servers.majorVersion}; the version asked for is '${version}'.`,
    );
  }
  const before = existing?.shown.properties as ServerBody["properties"] | undefined;
  if (before && before.administratorLogin !== administratorLogin) {
    refuse(400, "InvalidParameterValue", "The administrator login name can't be changed.");
  }
  // One machine has room for one server, on the port that Azure's servers have inside the VM.
  const other = store
    .ofType(SERVERS)
    .find((record) => record.id.toLowerCase() !== id.toLowerCase());
  if (other) {
    refuse(
      409,
      "QuotaExceeded",
      `Local Azure runs one flexible server, and '${other.name}' is there.`,
    );
  }
}

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
    asynchronous: true,
    lock: serverLock,
    put: async ({ id, name, body }) => {
      await servers.createDatabase(serverName(id), name, body.properties.collation);
      return { properties: body.properties };
    },
    delete: ({ id, name }) => servers.dropDatabase(serverName(id), name),
  });
}

const IPV4 = z.ipv4();

/** Kept and shown; whoever reaches local Azure's loopback may connect. */
export function firewallRule(): ResourceType {
  return resourceType({
    type: `${SERVERS}/firewallRules`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({ startIpAddress: IPV4, endIpAddress: IPV4 }),
    }),
    asynchronous: true,
    lock: serverLock,
    put: ({ body }) => body,
  });
}

/** Server parameters: there from the start, written by PUT, never deleted. */
export function configuration(servers: FlexibleServers): ResourceType {
  return resourceType({
    type: `${SERVERS}/configurations`,
    apiVersions: API_VERSIONS,
    schema: z.strictObject({
      properties: z.strictObject({
        value: z.string(),
        source: z.enum(["user-override", "system-default"]).optional(),
      }),
    }),
    asynchronous: true,
    lock: serverLock,
    put: async ({ id, name, body }) => {
      try {
        await servers.setParameter(serverName(id), name, body.properties.value);
      } catch (error) {
        if (error instanceof InvalidParameterError) {
          throw new ArmError(400, "InvalidParameterValue", error.message);
        }
        throw error;
      }
      return { properties: {} };
    },
    show: async (record: ResourceRecord) => {
      const parameter = await servers.parameter(serverName(record.id), record.name);
      if (!parameter) throw resourceNotFound(record.id);
      return { properties: { ...parameter.properties } };
    },
    find: async (id, names) => {
      const parameter = await servers.parameter(names[0] ?? "", names.at(-1) ?? "");
      return parameter && { properties: { ...parameter.properties } };
    },
    list: async (parent) =>
      (await servers.parameters(serverName(parent))).map(({ name, properties }) => ({
        name,
        shown: { properties: { ...properties } },
      })),
  });
}
