import { type ResourceSpec } from "../resource-spec";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";

export const COMPUTE_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:compute:VirtualMachine",
    path: `${GROUP}/providers/Microsoft.Compute/virtualMachines/{vmName}`,
    apiVersion: "2024-11-01",
    envelope: ["location", "tags", "identity", "zones", "plan", "extendedLocation", "placement"],
    replaceOn: ["location"],
    wrapped: { "networkProfile.networkInterfaces": { envelope: ["id"] } },
    readOnly: [
      ...["azureApiVersion", "etag", "instanceView", "managedBy", "name", "provisioningState"],
      ...["resources", "systemData", "timeCreated", "type", "vmId"],
      ...[
        "identity.principalId",
        "identity.tenantId",
        "storageProfile.imageReference.exactVersion",
      ],
    ],
    writeOnly: ["osProfile.customData", "osProfile.adminPassword"],
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
