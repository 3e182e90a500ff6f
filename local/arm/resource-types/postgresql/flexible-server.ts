import { hostName } from "../../../backends/postgres/flexible-servers";
import { type MajorVersion } from "../../../backends/postgres/server-build";
import { partial } from "../../request-body";
import { type ResourceRecord } from "../../resource-store";
import { type Action, resourceType, type ResourceType, type Shown } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import { associateSubnet } from "../network/rules";
import { SERVER_BODY, type ServerBody } from "./server-body";
import { requireOtherZoneName } from "./server-network";
import {
  requireNameOfNoDeletedServer,
  requireServerName,
  retainName,
  validateServer,
} from "./server-rules";
import { API_VERSIONS, type ServerContext, serverIdOf, serverIsNotReady } from "./server-state";

export function flexibleServer(context: ServerContext): ResourceType {
  const { servers, busyWindow } = context;
  return resourceType({
    type: FLEXIBLE_SERVERS,
    apiVersions: API_VERSIONS,
    schema: SERVER_BODY,
    patch: { schema: partial(SERVER_BODY.omit({ location: true })) },
    asynchronous: ["PUT", "PATCH", "DELETE"],
    lock: serverIdOf,
    nameCheck: {
      paths: [
        "Microsoft.DBforPostgreSQL/checkNameAvailability",
        "Microsoft.DBforPostgreSQL/locations/:location/checkNameAvailability",
      ],
      invalidReason: "Invalid",
      takenElsewhere: context.namesTakenElsewhere,
    },
    requireValidName: requireServerName,
    validate: (request) => validateServer(request, context),
    put: async ({ name, body, existing, store }) => {
      const { administratorLogin, administratorLoginPassword, ...visible } = body.properties;
      requireOtherZoneName(name, visible.network);
      // An unsupported version was refused before.
      const version = visible.version as MajorVersion;
      if (!existing) requireNameOfNoDeletedServer(context, store, name);
      if (administratorLoginPassword !== undefined) {
        await servers.create({ name, version, administratorLogin, administratorLoginPassword });
      }
      associateSubnet(store, visible.network?.delegatedSubnetResourceId ?? "");
      const minorVersion = existing
        ? (existing.shown.properties as { minorVersion: string }).minorVersion
        : await servers.minorVersion(name);
      return shownServer(name, body, { minorVersion }, existing);
    },
    // Source: ServerState of API version 2025-08-01.
    whileCreating: ({ name, body }) => shownServer(name, body, { state: "Provisioning" }),
    created: (id) => busyWindow.open(id),
    show: async (record) => ({
      ...record.shown,
      properties: {
        ...(record.shown.properties as object),
        state: record.deleting ? "Dropping" : servers.state(record.name),
      },
    }),
    delete: async ({ name }, store) => {
      await servers.delete(name);
      retainName(context, store, name);
    },
    actions: {
      restart: startedOnly((name) => servers.restart(name)),
      start: { asynchronous: true, run: async ({ name }) => servers.start(name) },
      stop: startedOnly((name) => servers.stop(name)),
    },
  });

  /** Accepted in any state; the operation fails if the server isn't Ready. */
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

/** What GET shows, with these properties. Never the password. */
function shownServer(
  name: string,
  body: ServerBody,
  others: Readonly<Record<string, unknown>>,
  existing?: ResourceRecord,
): Shown {
  const { administratorLoginPassword: _, createMode: __, ...properties } = body.properties;
  return {
    location: body.location,
    tags: body.tags,
    sku: body.sku,
    // Only this member. Source: the sample response of "Servers - Get", API version 2025-08-01.
    systemData: existing?.shown.systemData ?? { createdAt: new Date().toISOString() },
    properties: {
      ...properties,
      fullyQualifiedDomainName: hostName(name),
      replicationRole: "Primary",
      replicaCapacity: 5,
      availabilityZone: properties.availabilityZone || "1",
      network: {
        publicNetworkAccess: properties.network?.delegatedSubnetResourceId ? "Disabled" : "Enabled",
        ...properties.network,
      },
      ...others,
    },
  };
}
