import { type ResourceSpec } from "./resource-spec";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/{workspaceName}`;
const NAMESPACE = `${GROUP}/providers/Microsoft.EventHub/namespaces/{namespaceName}`;

/** Log Analytics and Event Hubs, where a server's log can go besides a storage account. */
export const LOG_DESTINATION_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:operationalinsights:Workspace",
    path: WORKSPACE,
    apiVersion: "2023-09-01",
    envelope: ["location", "tags", "identity"],
    replaceOn: ["location"],
    readOnly: [
      ...["azureApiVersion", "createdDate", "customerId", "etag", "modifiedDate", "name"],
      ...["privateLinkScopedResources", "provisioningState", "systemData", "type"],
      ...["sku.lastSkuUpdate", "workspaceCapping.dataIngestionStatus"],
      "workspaceCapping.quotaNextResetTime",
    ],
    notice: "local Azure keeps the workspace, and delivers no log to it",
  },
  {
    type: "azure-native:operationalinsights:SavedSearch",
    path: `${WORKSPACE}/savedSearches/{savedSearchId}`,
    apiVersion: "2023-09-01",
    envelope: [],
    replaceOn: [],
    readOnly: ["azureApiVersion", "etag", "name", "type"],
  },
  {
    type: "azure-native:monitor:ScheduledQueryRule",
    path: `${GROUP}/providers/Microsoft.Insights/scheduledQueryRules/{ruleName}`,
    apiVersion: "2025-01-01-preview",
    envelope: ["location", "tags", "identity", "kind"],
    replaceOn: ["location"],
    readOnly: [
      ...["azureApiVersion", "createdWithApiVersion", "etag", "isLegacyLogAnalyticsRule"],
      ...["isWorkspaceAlertsStorageConfigured", "name", "systemData", "type"],
    ],
  },
  {
    type: "azure-native:eventhub:Namespace",
    path: NAMESPACE,
    apiVersion: "2024-01-01",
    envelope: ["location", "tags", "sku", "identity"],
    replaceOn: ["location"],
    defaults: { publicNetworkAccess: "Enabled" },
    readOnly: [
      ...["azureApiVersion", "createdAt", "metricId", "name", "provisioningState"],
      ...["serviceBusEndpoint", "status", "systemData", "type", "updatedAt"],
    ],
    notice: "local Azure keeps the namespace, and delivers no log to its event hub",
  },
  {
    type: "azure-native:eventhub:EventHub",
    path: `${NAMESPACE}/eventhubs/{eventHubName}`,
    apiVersion: "2024-01-01",
    envelope: [],
    replaceOn: [],
    readOnly: [
      ...["azureApiVersion", "createdAt", "location", "name", "partitionIds", "systemData"],
      ...["type", "updatedAt"],
    ],
  },
  {
    type: "azure-native:eventhub:NamespaceAuthorizationRule",
    path: `${NAMESPACE}/authorizationRules/{authorizationRuleName}`,
    apiVersion: "2024-01-01",
    envelope: [],
    replaceOn: [],
    readOnly: ["azureApiVersion", "location", "name", "systemData", "type"],
  },
];
