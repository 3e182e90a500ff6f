import { type ResourceSpec } from "../resource-spec";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const NETWORK = `${GROUP}/providers/Microsoft.Network`;
const TOP = ["location", "tags"];
const READ_ONLY = ["azureApiVersion", "etag", "name", "provisioningState", "type"];
const MEMBER = { envelope: ["id", "name", "type", "etag"] };
/** What Azure adds to the members of a list. */
const inMembers = (list: string): string[] => [
  `${list}[].etag`,
  `${list}[].provisioningState`,
  `${list}[].type`,
];

export const NETWORK_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:network:VirtualNetwork",
    path: `${NETWORK}/virtualNetworks/{virtualNetworkName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    replaceOn: ["location"],
    defaults: { enableDdosProtection: false, enableVmProtection: false },
    subResources: ["subnets", "virtualNetworkPeerings"],
    wrapped: { subnets: MEMBER },
    readOnly: [...READ_ONLY, "flowLogs", "resourceGuid", ...inMembers("subnets")],
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
      ...[...READ_ONLY, "defaultSecurityRules", "flowLogs", "networkInterfaces", "resourceGuid"],
      ...["subnets", ...inMembers("securityRules")],
    ],
  },
  {
    type: "azure-native:network:PublicIPAddress",
    path: `${NETWORK}/publicIPAddresses/{publicIpAddressName}`,
    apiVersion: "2024-05-01",
    envelope: [...TOP, "sku", "zones"],
    replaceOn: ["location", "publicIPAddressVersion", "publicIPPrefix", "sku"],
    readOnly: [...READ_ONLY, "ipConfiguration", "resourceGuid"],
  },
  {
    type: "azure-native:network:NetworkInterface",
    path: `${NETWORK}/networkInterfaces/{networkInterfaceName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    replaceOn: [],
    wrapped: { ipConfigurations: MEMBER },
    readOnly: [
      ...[...READ_ONLY, "defaultOutboundConnectivityEnabled", "dscpConfiguration"],
      ...["hostedWorkloads", "macAddress", "primary", "privateEndpoint", "resourceGuid"],
      ...["tapConfigurations", "virtualMachine", "vnetEncryptionSupported"],
      ...inMembers("ipConfigurations"),
    ],
  },
  {
    type: "azure-native:privatedns:PrivateZone",
    path: `${NETWORK}/privateDnsZones/{privateZoneName}`,
    apiVersion: "2024-06-01",
    envelope: TOP,
    replaceOn: ["location"],
    readOnly: [
      ...[...READ_ONLY, "internalId", "maxNumberOfRecordSets", "maxNumberOfVirtualNetworkLinks"],
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
    readOnly: [...READ_ONLY, "systemData", "virtualNetworkLinkState"],
  },
];
