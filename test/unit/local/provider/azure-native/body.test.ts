import {
  inputsFromId,
  resourceId,
  toBody,
  toOutputs,
} from "../../../../../local/provider/azure-native/body";
import { type Inputs } from "../../../../../local/provider/protocol";
import { specOf } from "./support/spec";

const SECURITY_GROUP: Inputs = {
  resourceGroupName: "g",
  networkSecurityGroupName: "nsg",
  location: "westeurope",
  tags: { owner: "me" },
  securityRules: [{ name: "ssh", priority: 100, sourceAddressPrefixes: ["203.0.113.7"] }],
};
const INTERFACE: Inputs = {
  resourceGroupName: "g",
  networkInterfaceName: "nic",
  location: "westeurope",
  ipConfigurations: [
    { name: "primary", subnet: { id: "/subnet" }, publicIPAddress: { id: "/ip" } },
  ],
};

describe("a resource's body", () => {
  test("has the path's inputs in the path, some at its top, and all else in properties", () => {
    const inputs = {
      resourceGroupName: "g",
      serverName: "n",
      location: "westeurope",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      version: "15",
      availabilityZone: undefined,
      network: null,
    };
    expect(toBody(specOf("dbforpostgresql:Server"), inputs)).toEqual({
      location: "westeurope",
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      properties: { version: "15" },
    });
  });

  test("wraps the members of lists whose members have `properties`", () => {
    expect(toBody(specOf("network:NetworkSecurityGroup"), SECURITY_GROUP)).toEqual({
      location: "westeurope",
      tags: { owner: "me" },
      properties: {
        securityRules: [
          {
            name: "ssh",
            properties: { priority: 100, sourceAddressPrefixes: ["203.0.113.7"] },
          },
        ],
      },
    });
  });

  test.each<[string, Inputs]>([
    ["network:NetworkSecurityGroup", SECURITY_GROUP],
    ["network:NetworkInterface", INTERFACE],
    ["storage:StorageAccount", { enableHttpsTrafficOnly: true, location: "x", kind: "StorageV2" }],
  ])("of %s is read as the inputs that it was created from", (type, inputs) => {
    const one = specOf(type);
    const { azureApiVersion, ...outputs } = toOutputs(one, {
      id: "/id",
      ...toBody(one, inputs),
    });
    expect(azureApiVersion).toBe(one.apiVersion);
    expect(inputs).toMatchObject(outputs);
    expect(Object.keys(outputs)).not.toContain("properties");
  });

  test("is empty where there is nothing to say", () => {
    const inputs = {
      ...{ resourceGroupName: "g", accountName: "a", containerName: "c" },
      ...{ azureApiVersion: "2024-01-01", __createBeforeDelete: true },
    };
    expect(toBody(specOf("storage:BlobContainer"), inputs)).toEqual({});
  });
});

describe("the outputs", () => {
  test("of a resource group keep `properties`, those of all others don't", () => {
    const response = { id: "/id", properties: { provisioningState: "Succeeded" } };
    expect(toOutputs(specOf("resources:ResourceGroup"), response)).toMatchObject({
      properties: { provisioningState: "Succeeded" },
    });
    expect(toOutputs(specOf("network:VirtualNetwork"), response)).toEqual({
      provisioningState: "Succeeded",
      azureApiVersion: "2024-05-01",
    });
  });
});

describe("a resource's id", () => {
  test("is created from the inputs, and contains them for an import", () => {
    const inputs = { resourceGroupName: "g", serverName: "n", configurationName: "pgaudit.log" };
    const one = specOf("dbforpostgresql:Configuration");
    const id = resourceId(one, inputs, "s");
    expect(id).toBe(
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/n/configurations/pgaudit.log",
    );
    expect(inputsFromId(one, id)).toEqual(inputs);
    expect(inputsFromId(one, id.replace("resourceGroups", "RESOURCEGROUPS"))).toEqual(inputs);
    expect(inputsFromId(one, "/subscriptions/s")).toBeUndefined();
  });

  test("contains another resource's id where the resource belongs to it", () => {
    const inputs = {
      resourceUri: "/subscriptions/s/resourceGroups/g/providers/A.B/c/d",
      name: "logs",
    };
    const one = specOf("monitor:DiagnosticSetting");
    const id = resourceId(one, inputs, "s");
    expect(id).toBe(`${inputs.resourceUri}/providers/Microsoft.Insights/diagnosticSettings/logs`);
    expect(inputsFromId(one, id)).toEqual(inputs);
  });
});
