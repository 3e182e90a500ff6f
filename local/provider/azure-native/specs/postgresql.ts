import { ResourceSpec } from "../resource-spec";

const SERVER =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{serverName}";
const READ_ONLY = ["type", "azureApiVersion", "systemData"];

export const POSTGRESQL_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:dbforpostgresql:Server",
    path: SERVER,
    apiVersion: "2025-08-01",
    envelope: ["location", "tags", "sku", "identity"],
    named: { input: "serverName" },
    replaceOn: [
      ...["location", "administratorLogin", "createMode", "version", "availabilityZone"],
      ...["network.delegatedSubnetResourceId", "pointInTimeUTC", "sourceServerResourceId"],
    ],
    readOnly: [
      ...READ_ONLY,
      ...["fullyQualifiedDomainName", "minorVersion", "state", "replicaCapacity"],
    ],
    writeOnly: ["administratorLoginPassword", "createMode"],
  },
  {
    type: "azure-native:dbforpostgresql:Database",
    path: `${SERVER}/databases/{databaseName}`,
    apiVersion: "2025-08-01",
    envelope: [],
    named: { input: "databaseName" },
    replaceOn: ["charset", "collation"],
    readOnly: READ_ONLY,
  },
  {
    type: "azure-native:dbforpostgresql:FirewallRule",
    path: `${SERVER}/firewallRules/{firewallRuleName}`,
    apiVersion: "2025-08-01",
    envelope: [],
    named: { input: "firewallRuleName" },
    replaceOn: [],
    readOnly: READ_ONLY,
  },
  {
    type: "azure-native:dbforpostgresql:Configuration",
    path: `${SERVER}/configurations/{configurationName}`,
    apiVersion: "2025-08-01",
    envelope: [],
    named: { input: "configurationName" },
    replaceOn: [],
    readOnly: [
      ...READ_ONLY,
      ...["allowedValues", "dataType", "defaultValue", "description", "documentationLink"],
      ...["isConfigPendingRestart", "isDynamicConfig", "isReadOnly", "unit"],
    ],
    reset: true,
  },
  {
    type: "azure-native:monitor:DiagnosticSetting",
    path: "/{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}",
    apiVersion: "2021-05-01-preview",
    envelope: [],
    named: { input: "name" },
    replaceOn: [],
    readOnly: READ_ONLY,
  },
];
