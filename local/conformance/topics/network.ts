import { claim, get, type Place, put, refused, remove, setUp, type Topic } from "../claim";

/** Address ranges, and the order in which resources of a network can be deleted. */
export const network: Topic = {
  name: "Networks",
  minutes: 5,
  steps: (place) => [...addressRanges(place), ...securityRules(place), ...deletions(place)],
};

const provider = ({ group }: Place) => `${group}/providers/Microsoft.Network`;

const addressRanges = (place: Place) => {
  const net = `${provider(place)}/virtualNetworks/net`;
  const putNetwork = (...addressPrefixes: string[]) =>
    put(net, { location: place.location, properties: { addressSpace: { addressPrefixes } } });
  const putSubnet = (name: string, addressPrefix: string) =>
    put(`${net}/subnets/${name}`, { properties: { addressPrefix } });
  return [
    claim("a network is created", putNetwork("10.0.0.0/16", "10.8.0.0/24"), { status: 201 }),
    claim("a subnet is created", putSubnet("first", "10.0.1.0/24"), { status: 201 }),
    ...[
      ["outside the network's", "10.1.0.0/24", "NetcfgSubnetRangeOutsideVnet"],
      ["wider than the network's", "10.0.0.0/15", "NetcfgSubnetRangeOutsideVnet"],
      ["that contains another subnet's", "10.0.0.0/23", "NetcfgSubnetRangesOverlap"],
      ["inside another subnet's", "10.0.1.128/25", "NetcfgSubnetRangesOverlap"],
      ["with bits after the prefix", "10.0.2.1/24", "InvalidCIDRNotation"],
    ].map(([what = "", prefix = "", code = ""]) =>
      refused(`a subnet can't have a range ${what}`, putSubnet("second", prefix), 400, code),
    ),
    claim("a subnet beside another one is created", putSubnet("second", "10.0.0.0/24"), {
      status: 201,
    }),
    claim(
      "a subnet in the network's second range is created",
      putSubnet("third", "10.8.0.128/25"),
      {
        status: 201,
      },
    ),
    claim("an empty subnet can become smaller", putSubnet("first", "10.0.1.0/25"), { status: 200 }),
    refused(
      "a network can't lose the range of a subnet",
      putNetwork("10.0.0.0/16"),
      400,
      "NetcfgSubnetRangeOutsideVnet",
      /Subnet 'third' is not valid because its IP address range is outside/,
    ),
  ];
};

const securityRules = (place: Place) => {
  const rule = (name: string, priority: number, direction = "Inbound") => ({
    name,
    properties: {
      protocol: "Tcp",
      access: "Allow",
      direction,
      priority,
      sourceAddressPrefix: "192.0.2.0/24",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "22",
    },
  });
  const putGroup = (...rules: object[]) =>
    put(`${provider(place)}/networkSecurityGroups/nsg`, {
      location: place.location,
      properties: { securityRules: rules },
    });
  return [
    refused(
      "two rules of a direction can't have the same priority",
      putGroup(rule("ssh", 100), rule("web", 100)),
      400,
      "SecurityRuleConflict",
      /Security rule ssh conflicts with rule web/,
    ),
    claim(
      "rules of two directions can have the same priority",
      putGroup(rule("ssh", 100), rule("out", 100, "Outbound")),
      { status: 201 },
    ),
    setUp(get(`${provider(place)}/networkSecurityGroups/nsg`)),
  ];
};

const deletions = (place: Place) => {
  const { location, otherLocation } = place;
  const id = (path: string) => `${provider(place)}/${path}`;
  const putInterface = (name: string, region = location) =>
    put(id(`networkInterfaces/${name}`), {
      location: region,
      properties: {
        networkSecurityGroup: { id: id("networkSecurityGroups/nsg") },
        ipConfigurations: [
          {
            name: "primary",
            properties: {
              subnet: { id: id("virtualNetworks/net/subnets/first") },
              publicIPAddress: { id: id("publicIPAddresses/ip") },
            },
          },
        ],
      },
    });
  const zone = id("privateDnsZones/conformance.private.postgres.database.azure.com");
  const link = `${zone}/virtualNetworkLinks/link`;
  return [
    setUp(
      put(id("publicIPAddresses/ip"), {
        location,
        sku: { name: "Standard" },
        properties: { publicIPAllocationMethod: "Static" },
      }),
    ),
    setUp(putInterface("nic")),
    ...[
      ["publicIPAddresses/ip", "PublicIPAddressCannotBeDeleted", "nic/ipConfigurations/primary"],
      [
        "virtualNetworks/net/subnets/first",
        "InUseSubnetCannotBeDeleted",
        "ipConfigurations/primary",
      ],
      ["virtualNetworks/net", "InUseSubnetCannotBeDeleted", "Subnet first is in use"],
      [
        "networkSecurityGroups/nsg",
        "InUseNetworkSecurityGroupCannotBeDeleted",
        "networkInterfaces/nic",
      ],
    ].map(([path = "", code = "", user = ""]) =>
      refused(
        `${path} can't be deleted before the interface that uses it`,
        remove(id(path)),
        400,
        code,
        new RegExp(user),
      ),
    ),
    refused(
      "two interfaces can't use the same address",
      putInterface("second"),
      400,
      "PublicIPAddressInUse",
    ),
    claim("an interface can be put again", putInterface("nic"), { status: 200 }),
    refused(
      "an interface can't be in another region than its network",
      putInterface("distant", otherLocation),
      400,
      "InvalidResourceReference",
      /in the same region/,
    ),
    setUp(put(zone, { location: "global" })),
    setUp(
      put(link, {
        location: "global",
        properties: {
          virtualNetwork: { id: id("virtualNetworks/net") },
          registrationEnabled: false,
        },
      }),
    ),
    refused(
      "a private DNS zone with a link can't be deleted",
      remove(zone),
      409,
      "CannotDeleteResource",
    ),
    setUp(remove(link)),
    setUp(remove(zone)),
    ...[
      "networkInterfaces/nic",
      "publicIPAddresses/ip",
      "virtualNetworks/net/subnets/first",
      "networkSecurityGroups/nsg",
    ].map((path) => setUp(remove(id(path)))),
    setUp(remove(id("virtualNetworks/net"))),
    claim("what doesn't exist is deleted without an error", remove(id("virtualNetworks/net")), {
      status: 204,
    }),
  ];
};
