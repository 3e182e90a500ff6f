import { testCloud } from "../support/cloud";
import { errorOf } from "../support/http";
import { machineBody } from "../support/machine";

const API = "api-version=2024-05-01";

const cloud = testCloud();
const id = (path: string) => `${cloud.group}/providers/Microsoft.Network/${path}`;
const put = (path: string, body: object) => cloud.put(`${id(path)}?${API}`, body);
const remove = (path: string) => cloud.request("DELETE", `${id(path)}?${API}`);
const LOCATION = { location: "westeurope" };

const putNetwork = (...addressPrefixes: string[]) =>
  put("virtualNetworks/net", { ...LOCATION, properties: { addressSpace: { addressPrefixes } } });
const putSubnet = (name: string, addressPrefix: string, more: object = {}) =>
  put(`virtualNetworks/net/subnets/${name}`, { properties: { addressPrefix, ...more } });

describe("address ranges", () => {
  beforeAll(async () => {
    await putNetwork("10.0.0.0/16", "10.8.0.0/24");
    await putSubnet("first", "10.0.1.0/24");
  });

  test.each([
    ["outside the network", "10.1.0.0/24", "NetcfgSubnetRangeOutsideVnet"],
    ["wider than the network", "10.0.0.0/15", "NetcfgSubnetRangeOutsideVnet"],
    ["larger than another subnet in it", "10.0.0.0/23", "NetcfgSubnetRangesOverlap"],
    ["inside another subnet", "10.0.1.128/25", "NetcfgSubnetRangesOverlap"],
    ["with bits after the prefix", "10.0.2.1/24", "InvalidCIDRNotation"],
  ])("of a subnet can't be %s", async (_, prefix, code) => {
    expect(errorOf(await putSubnet("second", prefix))).toMatchObject({ status: 400, code });
  });

  test("of a subnet must be inside the network and not overlap others", async () => {
    expect((await putSubnet("second", "10.0.0.0/24")).status).toBe(201);
    expect((await putSubnet("third", "10.8.0.128/25")).status).toBe(201);
    expect((await putSubnet("first", "10.0.1.0/25")).status).toBe(200);
  });

  test("of a network must contain those of its subnets", async () => {
    expect(errorOf(await putNetwork("10.0.0.0/16"))).toEqual({
      status: 400,
      code: "NetcfgSubnetRangeOutsideVnet",
      message:
        "Subnet 'third' is not valid because its IP address range is outside the IP address range of virtual network 'net'.",
    });
    expect((await putNetwork("10.0.0.0/8")).status).toBe(200);
  });
});

test("two rules of a security group can't have the same priority and direction", async () => {
  const rule = (name: string, priority: number, direction = "Inbound") => ({
    name,
    properties: { protocol: "Tcp", access: "Allow", direction, priority },
  });
  const group = (...securityRules: object[]) =>
    put("networkSecurityGroups/nsg", { ...LOCATION, properties: { securityRules } });
  expect(errorOf(await group(rule("ssh", 100), rule("web", 100)))).toEqual({
    status: 400,
    code: "SecurityRuleConflict",
    message:
      "Security rule ssh conflicts with rule web. Rules cannot have the same Priority and Direction. To learn more, see aka.ms/nsgrules.",
  });
  expect((await group(rule("ssh", 100), rule("out", 100, "Outbound"))).status).toBe(201);
});

describe("a resource can't be deleted before those that use it", () => {
  const MACHINES = "api-version=2024-11-01";
  const machine = () => `${cloud.group}/providers/Microsoft.Compute/virtualMachines/vm`;
  const ipConfiguration = () => ({
    name: "primary",
    properties: {
      subnet: { id: id("virtualNetworks/net/subnets/first") },
      publicIPAddress: { id: id("publicIPAddresses/ip") },
    },
  });
  const putInterface = (name: string) =>
    put(`networkInterfaces/${name}`, {
      ...LOCATION,
      properties: {
        networkSecurityGroup: { id: id("networkSecurityGroups/nsg") },
        ipConfigurations: [ipConfiguration()],
      },
    });

  beforeAll(async () => {
    await putNetwork("10.0.0.0/8");
    await putSubnet("first", "10.0.1.0/25");
    await put("networkSecurityGroups/nsg", { ...LOCATION, properties: {} });
    await put("publicIPAddresses/ip", {
      ...LOCATION,
      sku: { name: "Standard" },
      properties: { publicIPAllocationMethod: "Static" },
    });
    await putInterface("nic");
    await cloud.put(`${machine()}?${MACHINES}`, machineBody(id("networkInterfaces/nic")));
  });

  test.each([
    ["networkInterfaces/nic", "NicInUse", "virtualMachines/vm"],
    ["publicIPAddresses/ip", "PublicIPAddressCannotBeDeleted", "nic/ipConfigurations/primary"],
    ["virtualNetworks/net/subnets/first", "InUseSubnetCannotBeDeleted", "ipConfigurations/primary"],
    ["virtualNetworks/net", "InUseSubnetCannotBeDeleted", "Subnet first is in use"],
    [
      "networkSecurityGroups/nsg",
      "InUseNetworkSecurityGroupCannotBeDeleted",
      "networkInterfaces/nic",
    ],
  ])("%s", async (path, code, user) => {
    const error = errorOf(await remove(path));
    expect(error).toMatchObject({ status: 400, code });
    expect(error.message).toContain(user);
  });

  test("and an address can't be used by two interfaces", async () => {
    expect(errorOf(await putInterface("second"))).toMatchObject({
      status: 400,
      code: "PublicIPAddressInUse",
    });
    expect((await putInterface("nic")).status).toBe(200);
  });

  test("privateDnsZones with a link to a network", async () => {
    const zone = "privateDnsZones/lab.private.postgres.database.azure.com";
    const dns = "api-version=2024-06-01";
    await cloud.put(`${id(zone)}?${dns}`, { location: "global" });
    await cloud.put(`${id(zone)}/virtualNetworkLinks/link?${dns}`, {
      location: "global",
      properties: { virtualNetwork: { id: id("virtualNetworks/net") }, registrationEnabled: false },
    });
    const removeZone = () => cloud.request("DELETE", `${id(zone)}?${dns}`);
    expect(errorOf(await removeZone())).toMatchObject({
      status: 409,
      code: "CannotDeleteResource",
    });
    await cloud.request("DELETE", `${id(zone)}/virtualNetworkLinks/link?${dns}`);
    expect((await removeZone()).status).toBe(200);
  });

  test("each can be deleted after its users", async () => {
    await cloud.finish(await cloud.request("DELETE", `${machine()}?${MACHINES}`));
    for (const path of [
      "networkInterfaces/nic",
      "publicIPAddresses/ip",
      "virtualNetworks/net/subnets/first",
      "networkSecurityGroups/nsg",
      "virtualNetworks/net",
    ]) {
      expect((await cloud.finish(await remove(path))).status).toBe(200);
    }
  });
});
