/** A network and a storage account, created in parallel: one at once, one by a long-running operation. */
import * as network from "@pulumi/azure-native/network";
import * as resources from "@pulumi/azure-native/resources";
import * as storage from "@pulumi/azure-native/storage";

const location = "westeurope";
const group = new resources.ResourceGroup("group", { resourceGroupName: "FAULTS", location });
const resourceGroupName = group.name;
new network.VirtualNetwork("network", {
  ...{ resourceGroupName, location },
  virtualNetworkName: "network",
  addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
});
new storage.StorageAccount("account", {
  ...{ resourceGroupName, location },
  accountName: "faultyaccount",
  kind: "StorageV2",
  sku: { name: "Standard_LRS" },
});
