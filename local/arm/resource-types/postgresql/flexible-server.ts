import { z } from "zod";
import { partial } from "../../request-body";
import { type ResourceRecord } from "../../resource-store";
import { type Action, resourceType, type ResourceType } from "../../resource-type";
import { LOCATION, TAGS } from "../common-schemas";
import { API_VERSIONS, serverLock, SERVERS } from "./common";
import type { FlexibleServerParts } from "./parts";
import { requireOtherZoneName } from "./server-network";
import { requireServerName, validateServer } from "./server-rules";
import { serverIsNotReady } from "./server-state";

const SERVER_BODY = z.strictObject({
  location: LOCATION,
  tags: TAGS,
  sku: z.strictObject({
    name: z.string(),
    tier: z.enum(["Burstable", "GeneralPurpose", "MemoryOptimized"]),
  }),
  properties: z.strictObject({
    createMode: z.enum(["Default", "Create", "Update"]).optional(),
    version: z.string(),
    availabilityZone: z.enum(["", "1", "2", "3"]).optional(),
    administratorLogin: z.string(),
    /** Needed by a new server; one that stands keeps its password without it. */
    administratorLoginPassword: z.string().min(8).max(128).optional(),
    storage: z.strictObject({ storageSizeGB: z.int() }).optional(),
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

export type ServerBody = z.infer<typeof SERVER_BODY>;

export function flexibleServer(parts: FlexibleServerParts): ResourceType {
  const { servers, busyWindow } = parts;
  return resourceType({
    type: SERVERS,
    apiVersions: API_VERSIONS,
    schema: SERVER_BODY,
    patch: { schema: partial(SERVER_BODY.omit({ location: true })) },
    asynchronous: ["PUT", "PATCH", "DELETE"],
    lock: serverLock,
    nameCheck: {
      paths: [
        "Microsoft.DBforPostgreSQL/checkNameAvailability",
        "Microsoft.DBforPostgreSQL/locations/:location/checkNameAvailability",
      ],
      invalidReason: "Invalid",
      takenElsewhere: parts.namesTakenElsewhere,
    },
    requireValidName: requireServerName,
    validate: (request) => validateServer(request, parts),
    put: async ({ name, body, existing }) => {
      const { administratorLogin, administratorLoginPassword, ...visible } = body.properties;
      requireOtherZoneName(name, visible.network);
      if (administratorLoginPassword !== undefined) {
        await servers.create({ name, administratorLogin, administratorLoginPassword });
      }
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
    created: (id) => busyWindow.open(id),
    show: async (record) => ({
      ...record.shown,
      properties: {
        ...(record.shown.properties as object),
        state: record.deleting ? "Dropping" : servers.state(record.name),
      },
    }),
    delete: ({ name }) => servers.delete(name),
    actions: {
      restart: startedOnly((name) => servers.restart(name)),
      start: { asynchronous: true, run: async ({ name }) => servers.start(name) },
      stop: startedOnly((name) => servers.stop(name)),
    },
  });

  /** Accepted at any time, and failed where the server isn't Ready. */
  function startedOnly(work: (name: string) => Promise<void>): Action {
    const failure = ({ name }: ResourceRecord) => serverIsNotReady(name, servers.state(name));
    return {
      asynchronous: true,
      failure,
      run: async (record) => {
        if (servers.state(record.name) !== "Ready") throw failure(record);
        await work(record.name);
      },
    };
  }
}
