import { type ResourceSpec } from "./resource-spec";
import { LOG_DESTINATION_SPECS } from "./specs-log-destinations";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/{accountName}`;
const SERVER = `${GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{serverName}`;
const NETWORK = `${GROUP}/providers/Microsoft.Network`;
const TOP = ["location", "tags"];
const NETWORK_READ_ONLY = ["azureApiVersion", "etag", "name", "provisioningState", "type"];
const MEMBER = { envelope: ["id", "name", "type", "etag"] };
/** Properties that Azure adds to the members of a list. */
const inMembers = (list: string): string[] => [
  `${list}[].etag`,
  `${list}[].provisioningState`,
  `${list}[].type`,
];
const SERVER_READ_ONLY = ["azureApiVersion", "name", "systemData", "type"];

const ALL: readonly ResourceSpec[] = [
  {
    type: "azure-native:resources:ResourceGroup",
    path: "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    apiVersion: "2024-03-01",
    envelope: ["location", "tags", "managedBy"],
    properties: "whole",
    replaceOn: ["location"],
    readOnly: ["azureApiVersion", "name", "properties", "type"],
  },
  {
    type: "azure-native:authorization:RoleAssignment",
    path: "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    apiVersion: "2022-04-01",
    envelope: [],
    replaceOn: ["principalId"],
    defaults: { principalType: "User" },
    readOnly: [
      ...["azureApiVersion", "createdBy", "createdOn", "name", "systemData"],
      ...["type", "updatedBy", "updatedOn"],
    ],
  },
  {
    type: "azure-native:authorization:ManagementLockByScope",
    path: "/{scope}/providers/Microsoft.Authorization/locks/{lockName}",
    apiVersion: "2020-05-01",
    envelope: [],
    replaceOn: [],
    readOnly: ["azureApiVersion", "name", "systemData", "type"],
  },
  {
    type: "azure-native:network:VirtualNetwork",
    path: `${NETWORK}/virtualNetworks/{virtualNetworkName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    replaceOn: ["location"],
    defaults: { enableDdosProtection: false, enableVmProtection: false },
    subResources: ["subnets", "virtualNetworkPeerings"],
    wrapped: { subnets: MEMBER },
    readOnly: [...NETWORK_READ_ONLY, "flowLogs", "resourceGuid", ...inMembers("subnets")],
  },
  {
    type: "azure-native:network:Subnet",
    path: `${NETWORK}/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}`,
    apiVersion: "2024-05-01",
    envelope: ["name", "type"],
    replaceOn: [],
    defaults: {
      privateEndpointNetworkPolicies: "Disabled",
      privateLinkServiceNetworkPolicies: "Enabled",
    },
    wrapped: { delegations: MEMBER },
    readOnly: [
      ...["azureApiVersion", "etag", "ipConfigurationProfiles", "ipConfigurations"],
      ...["privateEndpoints", "provisioningState", "purpose", "resourceNavigationLinks"],
      ...["serviceAssociationLinks", ...inMembers("delegations"), "delegations[].actions"],
      "serviceEndpoints[].provisioningState",
    ],
  },
  {
    type: "azure-native:network:NetworkSecurityGroup",
    path: `${NETWORK}/networkSecurityGroups/{networkSecurityGroupName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    replaceOn: [],
    subResources: ["securityRules"],
    wrapped: { securityRules: MEMBER },
    readOnly: [
      ...[
        ...NETWORK_READ_ONLY,
        "defaultSecurityRules",
        "flowLogs",
        "networkInterfaces",
        "resourceGuid",
      ],
      ...["subnets", ...inMembers("securityRules")],
    ],
  },
  {
    type: "azure-native:network:PublicIPAddress",
    path: `${NETWORK}/publicIPAddresses/{publicIpAddressName}`,
    apiVersion: "2024-05-01",
    envelope: [...TOP, "sku", "zones"],
    replaceOn: ["location", "publicIPAddressVersion", "publicIPPrefix", "sku"],
    readOnly: [...NETWORK_READ_ONLY, "ipConfiguration", "resourceGuid"],
  },
  {
    type: "azure-native:network:NetworkInterface",
    path: `${NETWORK}/networkInterfaces/{networkInterfaceName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    replaceOn: [],
    wrapped: { ipConfigurations: MEMBER },
    readOnly: [
      ...[...NETWORK_READ_ONLY, "defaultOutboundConnectivityEnabled", "dscpConfiguration"],
      ...["hostedWorkloads", "macAddress", "primary", "privateEndpoint", "resourceGuid"],
      ...["tapConfigurations", "virtualMachine", "vnetEncryptionSupported"],
      ...inMembers("ipConfigurations"),
    ],
  },
  {
    type: "azure-native:network:PrivateEndpoint",
    path: `${NETWORK}/privateEndpoints/{privateEndpointName}`,
    apiVersion: "2024-05-01",
    envelope: [...TOP, "extendedLocation", "id"],
    replaceOn: [],
    wrapped: {
      subnet: MEMBER,
      privateLinkServiceConnections: MEMBER,
      manualPrivateLinkServiceConnections: MEMBER,
    },
    readOnly: [
      ...[...NETWORK_READ_ONLY, "networkInterfaces"],
      ...inMembers("privateLinkServiceConnections"),
    ],
  },
  {
    type: "azure-native:network:PrivateDnsZoneGroup",
    path: `${NETWORK}/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}`,
    apiVersion: "2024-05-01",
    envelope: ["id", "name"],
    replaceOn: [],
    wrapped: { privateDnsZoneConfigs: { envelope: ["name"] } },
    readOnly: [
      "azureApiVersion",
      "etag",
      "provisioningState",
      "privateDnsZoneConfigs[].recordSets",
    ],
  },
  {
    type: "azure-native:privatedns:PrivateZone",
    path: `${NETWORK}/privateDnsZones/{privateZoneName}`,
    apiVersion: "2024-06-01",
    envelope: TOP,
    replaceOn: ["location"],
    readOnly: [
      ...[
        ...NETWORK_READ_ONLY,
        "internalId",
        "maxNumberOfRecordSets",
        "maxNumberOfVirtualNetworkLinks",
      ],
      ...["maxNumberOfVirtualNetworkLinksWithRegistration", "numberOfRecordSets"],
      ...["numberOfVirtualNetworkLinks", "numberOfVirtualNetworkLinksWithRegistration"],
      "systemData",
    ],
  },
  {
    type: "azure-native:privatedns:VirtualNetworkLink",
    path: `${NETWORK}/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}`,
    apiVersion: "2024-06-01",
    envelope: TOP,
    replaceOn: ["location"],
    readOnly: [...NETWORK_READ_ONLY, "systemData", "virtualNetworkLinkState"],
  },
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
    wrapped: {
      "networkRuleSet.ipRules": {
        envelope: ["iPAddressOrRange", "action"],
        renamed: { iPAddressOrRange: "value" },
      },
      "networkRuleSet.virtualNetworkRules": {
        envelope: ["virtualNetworkResourceId", "action", "state"],
        renamed: { virtualNetworkResourceId: "id" },
      },
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
    type: "azure-native:storage:BlobServiceProperties",
    path: `${ACCOUNT}/blobServices/{blobServicesName}`,
    apiVersion: "2024-01-01",
    envelope: [],
    replaceOn: [],
    readOnly: ["azureApiVersion", "name", "sku", "type"],
    reset: "empty body",
  },
  {
    type: "azure-native:storage:ManagementPolicy",
    path: `${ACCOUNT}/managementPolicies/{managementPolicyName}`,
    apiVersion: "2024-01-01",
    envelope: [],
    replaceOn: [],
    readOnly: ["azureApiVersion", "lastModifiedTime", "name", "type"],
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
  {
    type: "azure-native:dbforpostgresql:Server",
    path: SERVER,
    apiVersion: "2025-08-01",
    envelope: ["location", "tags", "sku", "identity"],
    // Not the version, which Azure upgrades in place, and not `network`.
    replaceOn: [
      ...["administratorLogin", "availabilityZone", "location"],
      ...["pointInTimeUTC", "sourceServerResourceId"],
    ],
    defaults: { availabilityZone: "" },
    readOnly: [
      ...SERVER_READ_ONLY,
      ...["fullyQualifiedDomainName", "minorVersion", "privateEndpointConnections"],
      ...["replicaCapacity", "state", "backup.earliestRestoreDate", "highAvailability.state"],
      ...["identity.tenantId", "replica.capacity", "replica.replicationState"],
    ],
    writeOnly: ["administratorLoginPassword", "createMode", "pointInTimeUTC"],
  },
  {
    type: "azure-native:dbforpostgresql:Database",
    path: `${SERVER}/databases/{databaseName}`,
    apiVersion: "2025-08-01",
    envelope: [],
    replaceOn: [],
    readOnly: SERVER_READ_ONLY,
  },
  {
    type: "azure-native:dbforpostgresql:FirewallRule",
    path: `${SERVER}/firewallRules/{firewallRuleName}`,
    apiVersion: "2025-08-01",
    envelope: [],
    replaceOn: [],
    readOnly: SERVER_READ_ONLY,
  },
  {
    type: "azure-native:dbforpostgresql:Configuration",
    path: `${SERVER}/configurations/{configurationName}`,
    apiVersion: "2025-08-01",
    envelope: [],
    replaceOn: [],
    readOnly: [
      ...SERVER_READ_ONLY,
      ...["allowedValues", "dataType", "defaultValue", "description", "documentationLink"],
      ...["isConfigPendingRestart", "isDynamicConfig", "isReadOnly", "unit"],
    ],
    reset: "default value",
  },
  {
    type: "azure-native:dbforpostgresql:AdministratorsMicrosoftEntra",
    path: `${SERVER}/administrators/{objectId}`,
    apiVersion: "2025-08-01",
    envelope: [],
    replaceOn: [],
    readOnly: SERVER_READ_ONLY,
    notice:
      "Local Azure keeps this administrator, but has no Microsoft Entra ID: nobody can sign in to the server with a token.",
  },
  {
    type: "azure-native:monitor:DiagnosticSetting",
    path: "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    apiVersion: "2021-05-01-preview",
    envelope: [],
    replaceOn: [],
    readOnly: ["azureApiVersion", "systemData", "type"],
  },
  {
    type: "azure-native:compute:VirtualMachine",
    path: `${GROUP}/providers/Microsoft.Compute/virtualMachines/{vmName}`,
    apiVersion: "2024-11-01",
    envelope: ["location", "tags", "identity", "zones", "plan", "extendedLocation", "placement"],
    replaceOn: ["location"],
    wrapped: { "networkProfile.networkInterfaces": { envelope: ["id"] } },
    stringSets: ["identity.userAssignedIdentities"],
    readOnly: [
      ...["azureApiVersion", "etag", "instanceView", "managedBy", "name", "provisioningState"],
      ...["resources", "systemData", "timeCreated", "type", "vmId"],
      ...[
        "identity.principalId",
        "identity.tenantId",
        "identity.userAssignedIdentities",
        "storageProfile.imageReference.exactVersion",
      ],
    ],
    writeOnly: ["osProfile.customData", "osProfile.adminPassword"],
  },
  {
    type: "azure-native:managedidentity:UserAssignedIdentity",
    path: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}`,
    apiVersion: "2023-01-31",
    envelope: TOP,
    replaceOn: ["location"],
    readOnly: [
      ...["azureApiVersion", "clientId", "name", "principalId", "systemData", "tenantId", "type"],
    ],
  },
  {
    type: "azure-native:devtestlab:GlobalSchedule",
    path: `${GROUP}/providers/Microsoft.DevTestLab/schedules/{name}`,
    apiVersion: "2018-09-15",
    envelope: ["location", "tags"],
    replaceOn: ["location"],
    defaults: { status: "Disabled" },
    readOnly: [
      ...["azureApiVersion", "createdDate", "provisioningState", "systemData", "type"],
      "uniqueIdentifier",
    ],
  },
];

/** Every resource type of the stand-in, by its token. */
export const SPECS: ReadonlyMap<string, ResourceSpec> = new Map(
  [...ALL, ...LOG_DESTINATION_SPECS].map((spec) => [spec.type, spec]),
);
