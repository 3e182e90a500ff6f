import { type ResourceSpec } from "../resource-spec";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/{accountName}`;

export const STORAGE_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:storage:StorageAccount",
    path: ACCOUNT,
    apiVersion: "2024-01-01",
    envelope: ["location", "tags", "sku", "kind", "identity", "extendedLocation"],
    renamed: {
      enableHttpsTrafficOnly: "supportsHttpsTrafficOnly",
      enableNfsV3: "isNfsV3Enabled",
      networkRuleSet: "networkAcls",
    },
    replaceOn: ["location", "isHnsEnabled"],
    readOnly: [
      ...["accountMigrationInProgress", "azureApiVersion", "blobRestoreStatus", "creationTime"],
      ...["failoverInProgress", "geoReplicationStats", "isSkuConversionBlocked"],
      ...["keyCreationTime", "lastGeoFailoverTime", "name", "primaryEndpoints"],
      ...["primaryLocation", "privateEndpointConnections", "provisioningState"],
      ...["secondaryEndpoints", "secondaryLocation", "statusOfPrimary", "statusOfSecondary"],
      ...["storageAccountSkuConversionStatus", "type", "sku.tier"],
      ...["identity.principalId", "identity.tenantId"],
    ],
  },
  {
    type: "azure-native:storage:BlobContainer",
    path: `${ACCOUNT}/blobServices/default/containers/{containerName}`,
    apiVersion: "2024-01-01",
    envelope: [],
    replaceOn: [],
    readOnly: [
      ...["azureApiVersion", "deleted", "deletedTime", "etag", "hasImmutabilityPolicy"],
      ...["hasLegalHold", "immutabilityPolicy", "lastModifiedTime", "leaseDuration", "leaseState"],
      ...["leaseStatus", "legalHold", "name", "remainingRetentionDays", "type", "version"],
    ],
  },
];
