import { ResourceSpec } from "../resource-spec";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const NETWORK = `${GROUP}/providers/Microsoft.Network`;
const TOP = ["location", "tags"];
const READ_ONLY = ["provisioningState", "resourceGuid", "etag", "type", "azureApiVersion"];
const MEMBER = { envelope: ["id", "name", "type", "etag"] };

export const NETWORK_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:network:VirtualNetwork",
    path: `${NETWORK}/virtualNetworks/{virtualNetworkName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    named: { input: "virtualNetworkName" },
    replaceOn: ["location"],
    wrapped: { subnets: MEMBER },
    readOnly: READ_ONLY,
  },
  {
    type: "azure-native:network:Subnet",
    path: `${NETWORK}/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}`,
    apiVersion: "2024-05-01",
    envelope: [],
    named: { input: "subnetName" },
    replaceOn: [],
    wrapped: { delegations: MEMBER },
    readOnly: READ_ONLY,
  },
  {
    type: "azure-native:network:NetworkSecurityGroup",
    path: `${NETWORK}/networkSecurityGroups/{networkSecurityGroupName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    named: { input: "networkSecurityGroupName" },
    replaceOn: ["location"],
    wrapped: { securityRules: MEMBER },
    readOnly: READ_ONLY,
  },
  {
    type: "azure-native:network:PublicIPAddress",
    path: `${NETWORK}/publicIPAddresses/{publicIpAddressName}`,
    apiVersion: "2024-05-01",
    envelope: [...TOP, "sku", "zones"],
    named: { input: "publicIpAddressName" },
    replaceOn: ["location", "sku", "zones", "publicIPAddressVersion"],
    readOnly: [...READ_ONLY, "ipAddress"],
  },
  {
    type: "azure-native:network:NetworkInterface",
    path: `${NETWORK}/networkInterfaces/{networkInterfaceName}`,
    apiVersion: "2024-05-01",
    envelope: TOP,
    named: { input: "networkInterfaceName" },
    replaceOn: ["location"],
    wrapped: { ipConfigurations: MEMBER },
    readOnly: [...READ_ONLY, "macAddress"],
  },
  {
    type: "azure-native:privatedns:PrivateZone",
    path: `${NETWORK}/privateDnsZones/{privateZoneName}`,
    apiVersion: "2024-06-01",
    envelope: TOP,
    named: { input: "privateZoneName" },
    replaceOn: ["location"],
    readOnly: [...READ_ONLY, "numberOfRecordSets"],
  },
  {
    type: "azure-native:privatedns:VirtualNetworkLink",
    path: `${NETWORK}/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}`,
    apiVersion: "2024-06-01",
    envelope: TOP,
    named: { input: "virtualNetworkLinkName" },
    replaceOn: ["location", "virtualNetwork"],
    readOnly: [...READ_ONLY, "virtualNetworkLinkState"],
  },
];
