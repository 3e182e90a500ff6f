/** Azure's names of the resource types that local Azure has. */
export const RESOURCE_GROUPS = "Microsoft.Resources/resourceGroups";
export const VIRTUAL_NETWORKS = "Microsoft.Network/virtualNetworks";
export const SUBNETS = `${VIRTUAL_NETWORKS}/subnets`;
export const NETWORK_SECURITY_GROUPS = "Microsoft.Network/networkSecurityGroups";
export const PUBLIC_IP_ADDRESSES = "Microsoft.Network/publicIPAddresses";
export const NETWORK_INTERFACES = "Microsoft.Network/networkInterfaces";
export const PRIVATE_DNS_ZONES = "Microsoft.Network/privateDnsZones";
export const VIRTUAL_NETWORK_LINKS = `${PRIVATE_DNS_ZONES}/virtualNetworkLinks`;
export const STORAGE_ACCOUNTS = "Microsoft.Storage/storageAccounts";
export const BLOB_SERVICES = `${STORAGE_ACCOUNTS}/blobServices`;
export const CONTAINERS = `${BLOB_SERVICES}/containers`;
export const IMMUTABILITY_POLICIES = `${CONTAINERS}/immutabilityPolicies`;
export const MANAGEMENT_POLICIES = `${STORAGE_ACCOUNTS}/managementPolicies`;
export const PRIVATE_ENDPOINTS = "Microsoft.Network/privateEndpoints";
export const PRIVATE_DNS_ZONE_GROUPS = `${PRIVATE_ENDPOINTS}/privateDnsZoneGroups`;
export const FLEXIBLE_SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers";
export const DIAGNOSTIC_SETTINGS = "Microsoft.Insights/diagnosticSettings";
export const SCHEDULED_QUERY_RULES = "Microsoft.Insights/scheduledQueryRules";
export const WORKSPACES = "Microsoft.OperationalInsights/workspaces";
export const SAVED_SEARCHES = `${WORKSPACES}/savedSearches`;
export const EVENT_HUB_NAMESPACES = "Microsoft.EventHub/namespaces";
export const EVENT_HUBS = `${EVENT_HUB_NAMESPACES}/eventhubs`;
export const EVENT_HUB_AUTHORIZATION_RULES = `${EVENT_HUB_NAMESPACES}/authorizationRules`;
export const VIRTUAL_MACHINES = "Microsoft.Compute/virtualMachines";
export const KEY_VAULTS = "Microsoft.KeyVault/vaults";
export const USER_ASSIGNED_IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities";
export const ROLE_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments";
export const ROLE_DEFINITIONS = "Microsoft.Authorization/roleDefinitions";
export const LOCKS = "Microsoft.Authorization/locks";

/** API versions of resource groups: that of azure-native, and that of @azure/arm-resources 7. */
export const RESOURCES_API_VERSIONS = ["2024-03-01", "2025-04-01"];
