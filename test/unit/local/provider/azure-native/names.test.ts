import { automaticName } from "../../../../../local/provider/azure-native/names";
import { specOf } from "./support/spec";

const SEED = new Uint8Array([1, 2, 3]);
const nameOf = (type: string, name: string, seed = SEED) => automaticName(specOf(type), name, seed);

describe("a name that azure-native chooses", () => {
  test("is the resource's name and eight hex digits, the same in preview and update", () => {
    const { value } = nameOf("network:NetworkSecurityGroup", "network-nsg");
    expect(value).toMatch(/^network-nsg[0-9a-f]{8}$/);
    expect(nameOf("network:NetworkSecurityGroup", "network-nsg").value).toBe(value);
    const others = [
      nameOf("network:NetworkSecurityGroup", "network-nsg", new Uint8Array([4])),
      nameOf("network:NetworkSecurityGroup", "other-nsg"),
    ].map((other) => other.value.slice(-8));
    expect(others).not.toContain(value.slice(-8));
  });

  test.each([
    ["resources:ResourceGroup", "resourceGroupName"],
    ["network:VirtualNetwork", "virtualNetworkName"],
    ["storage:StorageAccount", "accountName"],
    ["dbforpostgresql:Server", "serverName"],
    ["compute:VirtualMachine", "vmName"],
    ["devtestlab:GlobalSchedule", "name"],
    ["monitor:DiagnosticSetting", "name"],
  ])("of %s is random", (type, input) => {
    const { value, ...rest } = nameOf(type, "My-Name");
    expect(rest).toEqual({ input, isRandom: true });
    expect(value).toMatch(/^My-Name[0-9a-f]{8}$/);
  });

  test.each([
    ["network:Subnet", "subnetName"],
    ["privatedns:VirtualNetworkLink", "virtualNetworkLinkName"],
    ["storage:BlobContainer", "containerName"],
    ["dbforpostgresql:Database", "databaseName"],
    ["dbforpostgresql:FirewallRule", "firewallRuleName"],
    ["dbforpostgresql:Configuration", "configurationName"],
  ])("of %s, a part of another resource, is its name in the program", (type, input) => {
    expect(nameOf(type, "part")).toEqual({ input, value: "part", isRandom: false });
  });

  test("of a role assignment is a UUID", () => {
    const { value, ...rest } = nameOf("authorization:RoleAssignment", "reader");
    expect(rest).toEqual({ input: "roleAssignmentName", isRandom: true });
    expect(value).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("differs each time without a seed from the engine", () => {
    const seedless = () => nameOf("network:VirtualNetwork", "n", new Uint8Array()).value;
    expect(seedless()).not.toBe(seedless());
  });
});
