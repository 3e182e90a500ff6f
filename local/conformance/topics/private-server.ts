import { claim, get, type Place, put, refused, remove, setUp, type Topic } from "../claim";
import { serverBody, serverId } from "./servers";

const CONFLICT = "ConflictingPublicNetworkAccessAndVirtualNetworkConfiguration";
const ZONE = "lab.private.postgres.database.azure.com";

/** A server in a network, its subnet, and the diagnostic setting that outlives it. */
export const privateServer: Topic = {
  name: "A flexible server in a network",
  minutes: 25,
  steps: (place) => {
    const net = `${place.group}/providers/Microsoft.Network/virtualNetworks/private`;
    const subnet = (name: string) => `${net}/subnets/${name}`;
    const zone = (name: string) =>
      `${place.group}/providers/Microsoft.Network/privateDnsZones/${name}`;
    const link = `${zone(ZONE)}/virtualNetworkLinks/link`;
    const name = `private-${place.unique}`;
    const id = serverId(place, name);
    const server = (subnetName?: string, zoneName?: string, more: object = {}) =>
      put(
        id,
        serverBody(place, {
          network: {
            ...(subnetName && { delegatedSubnetResourceId: subnet(subnetName) }),
            ...(zoneName && { privateDnsZoneArmResourceId: zone(zoneName) }),
            ...more,
          },
        }),
      );
    const own = `${name}.postgres.database.azure.com`;
    return [
      ...setUpNetwork(place, net),
      ...[ZONE, "lab.example.com", own].map((zoneName) =>
        setUp(put(zone(zoneName), { location: "global" })),
      ),
      refused(
        "a server in a network can't have public access",
        server("postgres", ZONE, { publicNetworkAccess: "Enabled" }),
        400,
        CONFLICT,
      ),
      refused(
        "a server can't have a zone without a subnet",
        server(undefined, ZONE),
        400,
        CONFLICT,
      ),
      refused(
        "a server in a network needs a zone",
        server("postgres"),
        400,
        "MissingRequiredParameter",
        /privateDnsZoneArmResourceId/,
      ),
      refused(
        "a server's subnet must exist",
        server("nowhere", ZONE),
        400,
        "InvalidResourceReference",
        /nowhere/,
      ),
      refused(
        "a server's subnet must be delegated",
        server("plain", ZONE),
        400,
        "SubnetMissingRequiredDelegation",
        /Microsoft.DBforPostgreSQL\/flexibleServers/,
      ),
      refused(
        "a server's zone must be one of PostgreSQL's",
        server("postgres", "lab.example.com"),
        400,
        "InvalidPrivateDnsZoneName",
        /must end with '\.postgres\.database\.azure\.com'/,
      ),
      claim("the creation of a server fails if the zone has its name", server("postgres", own), {
        status: 202,
        ended: "Failed",
        code: "PrivateDnsZoneNameNotValid",
      }),
      claim("a server in a network is created without public access", server("postgres", ZONE), {
        status: 202,
        ended: "Succeeded",
        body: { properties: { network: { publicNetworkAccess: "Disabled" } } },
      }),
      setUp(get(id)),
      refused(
        "a server in a network has no firewall",
        put(`${id}/firewallRules/vm`, {
          properties: { startIpAddress: "192.0.2.1", endIpAddress: "192.0.2.1" },
        }),
        400,
        "InvalidParameterValue",
      ),
      refused(
        "a server can't leave its network",
        put(id, serverBody(place, { network: { publicNetworkAccess: "Enabled" } })),
        400,
        "InvalidParameterValue",
      ),
      refused(
        "a network interface can't be in a server's subnet",
        put(`${place.group}/providers/Microsoft.Network/networkInterfaces/nic`, {
          location: place.location,
          properties: {
            ipConfigurations: [
              { name: "primary", properties: { subnet: { id: subnet("postgres") } } },
            ],
          },
        }),
        400,
        "SubnetWithExternalResourcesCannotBeUsedByOtherResources",
      ),
      ...[subnet("postgres"), net].map((path) =>
        refused(
          `${path.slice(net.length + 1) || "the network"} can't be deleted before the server in it`,
          remove(path),
          400,
          "InUseSubnetCannotBeDeleted",
          /serviceAssociationLinks/,
        ),
      ),
      ...diagnosticSetting(place, id, [
        setUp(
          put(link, {
            location: "global",
            properties: { virtualNetwork: { id: net }, registrationEnabled: false },
          }),
        ),
        setUp(remove(id)),
      ]),
      refused(
        "a deleted server's subnet can't be deleted before the network's link to the zone",
        remove(subnet("postgres")),
        400,
        "InUseSubnetCannotBeDeleted",
        /serviceAssociationLinks/,
      ),
      setUp(remove(link)),
      claim(
        "a deleted server's subnet can be deleted after the link",
        remove(subnet("postgres")),
        {},
      ),
    ];
  },
};

const setUpNetwork = ({ location }: Place, net: string) => [
  setUp(put(net, { location, properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } } })),
  setUp(put(`${net}/subnets/plain`, { properties: { addressPrefix: "10.0.0.0/24" } })),
  setUp(
    put(`${net}/subnets/postgres`, {
      properties: {
        addressPrefix: "10.0.1.0/24",
        delegations: [
          {
            name: "postgres",
            properties: { serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" },
          },
        ],
      },
    }),
  ),
];

/** @param serverDeletion the steps that delete the server */
const diagnosticSetting = (
  { group, location, unique }: Place,
  server: string,
  serverDeletion: readonly ReturnType<typeof setUp>[],
) => {
  const account = `${group}/providers/Microsoft.Storage/storageAccounts/logs${unique}`;
  const setting = `${server}/providers/Microsoft.Insights/diagnosticSettings/logs`;
  const logs = [{ category: "PostgreSQLLogs", enabled: true }];
  return [
    setUp(put(account, { location, kind: "StorageV2", sku: { name: "Standard_LRS" } })),
    claim(
      "a diagnostic setting is created",
      put(setting, { properties: { storageAccountId: account, logs } }),
      { status: 200, body: { properties: { logs } } },
    ),
    claim(
      "a second setting can't send the same category to the same account",
      put(`${setting}2`, { properties: { storageAccountId: account, logs } }),
      { status: 409, code: "Conflict" },
    ),
    claim(
      "a setting can't have a category that Azure lacks",
      put(`${setting}3`, {
        properties: { storageAccountId: account, logs: [{ category: "Nonsense", enabled: true }] },
      }),
      { status: 400, code: "BadRequest" },
    ),
    ...serverDeletion,
    claim("a diagnostic setting outlives its server", get(setting), { status: 200 }),
    claim("a deleted server's diagnostic setting can be deleted", remove(setting), { status: 200 }),
  ];
};
