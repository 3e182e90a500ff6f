/** A program with a few Azure resources; the tests change its configuration. */
import * as postgresql from "@pulumi/azure-native/dbforpostgresql";
import * as monitor from "@pulumi/azure-native/monitor";
import * as network from "@pulumi/azure-native/network";
import * as resources from "@pulumi/azure-native/resources";
import * as storage from "@pulumi/azure-native/storage";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const location = config.require("location");
const tags = { owner: config.require("owner") };
const accountName = config.require("accountName");
/** Names of existing resources to import. */
const imported = config.getObject<{ accountName: string; virtualNetworkName: string }>("imported");

const group = new resources.ResourceGroup("group", {
  resourceGroupName: "ENGINE-TEST",
  location,
  tags,
});
const resourceGroupName = group.name;
const account = new storage.StorageAccount("account", {
  ...{ resourceGroupName, accountName, location, tags },
  kind: "StorageV2",
  sku: { name: "Standard_LRS" },
});
new storage.BlobContainer("logs-container", {
  ...{ resourceGroupName, accountName: account.name, containerName: "logs" },
});
const virtualNetwork = new network.VirtualNetwork("network", {
  ...{ resourceGroupName, location, tags },
  addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
});
new network.Subnet("subnet", {
  ...{ resourceGroupName, virtualNetworkName: virtualNetwork.name },
  addressPrefix: "10.0.0.0/24",
});
const server = new postgresql.Server("server", {
  ...{ resourceGroupName, serverName: config.require("serverName"), location, tags },
  version: config.require("version"),
  sku: { name: "Standard_B1ms", tier: "Burstable" },
  storage: { storageSizeGB: 32 },
  administratorLogin: "pgadmin",
  administratorLoginPassword: config.get("plainPassword") ?? config.requireSecret("password"),
  createMode: "Default",
});
new postgresql.Configuration("work-mem", {
  ...{ resourceGroupName, serverName: server.name, configurationName: "work_mem" },
  value: "8192",
  source: "user-override",
});
new monitor.DiagnosticSetting("logs", {
  name: "logs-to-storage",
  resourceUri: server.id,
  storageAccountId: account.id,
  logs: [{ category: "PostgreSQLLogs", enabled: true }],
});

if (imported) {
  new storage.StorageAccount("imported-account", {
    ...{ resourceGroupName, accountName: imported.accountName, location: "westeurope" },
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    accessTier: "Hot",
    enableHttpsTrafficOnly: true,
    // Azure shows them of each account, and an import reads them.
    networkRuleSet: { bypass: "AzureServices", defaultAction: "Allow" },
  });
  new network.VirtualNetwork("imported-network", {
    ...{ resourceGroupName, virtualNetworkName: imported.virtualNetworkName },
    location: "westeurope",
    addressSpace: { addressPrefixes: ["10.1.0.0/16"] },
  });
}

export const accountKey = pulumi.secret(
  storage
    .listStorageAccountKeysOutput({ resourceGroupName, accountName: account.name })
    .apply(({ keys: [first] }) => first?.value),
);
export const blobEndpoint = account.primaryEndpoints.blob;
