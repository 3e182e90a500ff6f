import { type ResourceSpec } from "../resource-spec";

const SERVER =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{serverName}";
const READ_ONLY = ["azureApiVersion", "name", "systemData", "type"];

export const POSTGRESQL_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:dbforpostgresql:Server",
    path: SERVER,
    apiVersion: "2025-08-01",
    envelope: ["location", "tags", "sku", "identity"],
    // Neither version, which Azure upgrades in place, nor anything in `network`.
    replaceOn: [
      ...["administratorLogin", "availabilityZone", "location"],
      ...["pointInTimeUTC", "sourceServerResourceId"],
    ],
    defaults: { availabilityZone: "" },
    readOnly: [
      ...READ_ONLY,
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
    readOnly: READ_ONLY,
  },
  {
    type: "azure-native:dbforpostgresql:FirewallRule",
    path: `${SERVER}/firewallRules/{firewallRuleName}`,
    apiVersion: "2025-08-01",
    envelope: [],
    replaceOn: [],
    readOnly: READ_ONLY,
  },
  {
    type: "azure-native:dbforpostgresql:Configuration",
    path: `${SERVER}/configurations/{configurationName}`,
    apiVersion: "2025-08-01",
    envelope: [],
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
    replaceOn: [],
    readOnly: ["azureApiVersion", "systemData", "type"],
  },
];
