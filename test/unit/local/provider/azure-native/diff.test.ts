import { diffResource } from "../../../../../local/provider/azure-native/diff";
import { pathInputs } from "../../../../../local/provider/azure-native/body";
import { SPECS } from "../../../../../local/provider/azure-native/specs";
import type { DiffResult, Inputs } from "../../../../../local/provider/protocol";
import { specOf } from "./support/spec";

const diff = (type: string, oldInputs: Inputs, news: Inputs, olds: Inputs = {}): DiffResult =>
  diffResource(specOf(type), { oldInputs, olds, news });

/** What a change from one value to another does: "replace", "update", or "nothing". */
function effect(type: string, property: string, from: unknown, to: unknown): string {
  const at = (value: unknown) =>
    property.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Inputs;
  const { changes } = diff(type, at(from), at(to));
  if (changes.length === 0) return "nothing";
  return changes.some(({ replaces }) => replaces) ? "replace" : "update";
}

describe("a change of an input", () => {
  test.each(
    [...SPECS.values()].flatMap((spec) =>
      pathInputs(spec).map((input) => [spec.type.replace("azure-native:", ""), input]),
    ),
  )("of %s that stands in its path replaces it: %s", (type, input) => {
    expect(effect(type, input, "a", "b")).toBe("replace");
  });

  // Sources: `x-ms-mutability` in azure-rest-api-specs, `forceNewMap` in pulumi-azure-native's replacement.go.
  test.each([
    ["resources:ResourceGroup", "location", "westeurope", "northeurope", "replace"],
    ["resources:ResourceGroup", "tags.owner", "me", "you", "update"],
    ["authorization:RoleAssignment", "principalId", "a", "b", "replace"],
    ["authorization:RoleAssignment", "roleDefinitionId", "a", "b", "update"],
    ["network:VirtualNetwork", "location", "westeurope", "northeurope", "replace"],
    ["network:VirtualNetwork", "addressSpace.addressPrefixes", ["a"], ["b"], "update"],
    ["network:Subnet", "addressPrefix", "10.0.0.0/24", "10.0.1.0/24", "update"],
    ["network:NetworkSecurityGroup", "location", "westeurope", "northeurope", "update"],
    ["network:NetworkInterface", "location", "westeurope", "northeurope", "update"],
    ["network:PublicIPAddress", "location", "westeurope", "northeurope", "replace"],
    ["network:PublicIPAddress", "sku.name", "Basic", "Standard", "replace"],
    ["network:PublicIPAddress", "sku", undefined, { name: "Standard" }, "replace"],
    ["network:PublicIPAddress", "publicIPAddressVersion", "IPv4", "IPv6", "replace"],
    ["network:PublicIPAddress", "publicIPAllocationMethod", "Dynamic", "Static", "update"],
    ["network:PublicIPAddress", "zones", ["1"], ["2"], "update"],
    ["privatedns:PrivateZone", "location", "global", "other", "replace"],
    ["privatedns:VirtualNetworkLink", "virtualNetwork.id", "/a", "/b", "update"],
    ["storage:StorageAccount", "location", "westeurope", "northeurope", "replace"],
    ["storage:StorageAccount", "isHnsEnabled", false, true, "replace"],
    ["storage:StorageAccount", "kind", "Storage", "StorageV2", "update"],
    ["storage:StorageAccount", "sku.name", "Standard_LRS", "Standard_GRS", "update"],
    ["storage:BlobContainer", "publicAccess", "None", "Blob", "update"],
    ["dbforpostgresql:Server", "location", "westeurope", "northeurope", "replace"],
    ["dbforpostgresql:Server", "administratorLogin", "a", "b", "replace"],
    ["dbforpostgresql:Server", "availabilityZone", "1", "2", "replace"],
    ["dbforpostgresql:Server", "sourceServerResourceId", "/a", "/b", "replace"],
    ["dbforpostgresql:Server", "pointInTimeUTC", "2026-01-01", "2026-01-02", "replace"],
    ["dbforpostgresql:Server", "administratorLoginPassword", "a", "b", "update"],
    ["dbforpostgresql:Server", "version", "15", "16", "update"],
    ["dbforpostgresql:Server", "createMode", "Default", "Update", "update"],
    ["dbforpostgresql:Server", "network.delegatedSubnetResourceId", "/a", "/b", "update"],
    ["dbforpostgresql:Server", "storage.storageSizeGB", 32, 64, "update"],
    ["dbforpostgresql:Database", "collation", "en_US.utf8", "C.UTF-8", "update"],
    ["dbforpostgresql:FirewallRule", "startIpAddress", "192.0.2.1", "192.0.2.2", "update"],
    ["dbforpostgresql:Configuration", "value", "a", "b", "update"],
    ["monitor:DiagnosticSetting", "storageAccountId", "/a", "/b", "update"],
    ["compute:VirtualMachine", "location", "westeurope", "northeurope", "replace"],
    ["compute:VirtualMachine", "zones", ["1"], ["2"], "update"],
    ["compute:VirtualMachine", "osProfile.adminUsername", "a", "b", "update"],
    ["compute:VirtualMachine", "storageProfile.imageReference.sku", "8", "9", "update"],
    ["compute:VirtualMachine", "hardwareProfile.vmSize", "Standard_B2s", "Standard_B4ms", "update"],
    ["devtestlab:GlobalSchedule", "location", "westeurope", "northeurope", "replace"],
    ["devtestlab:GlobalSchedule", "dailyRecurrence.time", "1900", "2000", "update"],
  ])("%s: %s", (type, property, from, to, expected) => {
    expect(effect(type, property, from, to)).toBe(expected);
  });

  test.each([
    ["storage:StorageAccount", "location", "West Europe", "westeurope"],
    ["storage:StorageAccount", "resourceGroupName", "PG-WORKSHOP", "pg-workshop"],
    ["network:VirtualNetwork", "enableDdosProtection", undefined, false],
    ["network:VirtualNetwork", "__createBeforeDelete", undefined, true],
  ])("%s: %s that means the same is none", (type, property, from, to) => {
    expect(effect(type, property, from, to)).toBe("nothing");
  });
});

describe("a difference", () => {
  test("has every changed property, also nested ones", () => {
    const before = { tags: { owner: "me", kept: "x" }, sku: { name: "Standard_LRS" } };
    const news = { tags: { owner: "you", kept: "x", "cost.centre": "4" }, sku: before.sku };
    expect(diff("storage:StorageAccount", before, news).changes).toEqual([
      { path: "tags.owner", kind: "update" },
      { path: 'tags["cost.centre"]', kind: "add" },
    ]);
  });

  test("is empty where a program adds the present value of an output", () => {
    const olds = { azureApiVersion: "2024-01-01", location: "westeurope" };
    const news = { azureApiVersion: "2024-01-01", location: "westeurope" };
    expect(diff("storage:StorageAccount", {}, news, olds).changes).toEqual([
      { path: "location", kind: "add" },
    ]);
  });

  test("below an input that replaces doesn't replace where a member only comes", () => {
    const { changes } = diff(
      "network:PublicIPAddress",
      { sku: { name: "Standard" } },
      { sku: { name: "Standard", tier: "Regional" } },
    );
    expect(changes).toEqual([{ path: "sku.tier", kind: "add" }]);
  });
});

describe("a replacement", () => {
  const move = (flag: Inputs) =>
    diff("storage:StorageAccount", { location: "a", ...flag }, { location: "b" });

  test("deletes first where the name stays, and creates first where it is random", () => {
    expect(move({}).deleteBeforeReplace).toBe(true);
    expect(move({ __createBeforeDelete: true }).deleteBeforeReplace).toBe(false);
  });
});
