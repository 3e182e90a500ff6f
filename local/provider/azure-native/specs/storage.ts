import { ResourceSpec } from "../resource-spec";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/{accountName}`;

export const STORAGE_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:storage:StorageAccount",
    path: ACCOUNT,
    apiVersion: "2024-01-01",
    envelope: ["location", "tags", "sku", "kind", "identity", "extendedLocation"],
    renamed: { enableHttpsTrafficOnly: "supportsHttpsTrafficOnly" },
    named: { input: "accountName", style: "lower-alphanumeric" },
    replaceOn: ["location", "isHnsEnabled"],
    readOnly: [
      ...["type", "azureApiVersion", "creationTime", "primaryEndpoints", "primaryLocation"],
      ...["provisioningState", "statusOfPrimary"],
    ],
  },
  {
    type: "azure-native:storage:BlobContainer",
    path: `${ACCOUNT}/blobServices/default/containers/{containerName}`,
    apiVersion: "2024-01-01",
    envelope: [],
    named: { input: "containerName" },
    replaceOn: [],
    readOnly: ["type", "azureApiVersion", "etag"],
  },
];
