import { ResourceSpec } from "../resource-spec";

const GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";

export const COMPUTE_SPECS: readonly ResourceSpec[] = [
  {
    type: "azure-native:compute:VirtualMachine",
    path: `${GROUP}/providers/Microsoft.Compute/virtualMachines/{vmName}`,
    apiVersion: "2024-11-01",
    envelope: ["location", "tags", "identity", "zones", "plan", "extendedLocation", "placement"],
    named: { input: "vmName" },
    replaceOn: [
      ...["location", "zones", "plan", "availabilitySet"],
      ...["osProfile.adminUsername", "osProfile.computerName", "osProfile.customData"],
      ...["osProfile.linuxConfiguration.ssh", "storageProfile.imageReference"],
      ...["storageProfile.osDisk.createOption", "storageProfile.osDisk.managedDisk"],
    ],
    wrapped: { "networkProfile.networkInterfaces": { envelope: ["id"] } },
    readOnly: ["type", "azureApiVersion", "vmId", "timeCreated", "provisioningState", "etag"],
    writeOnly: ["osProfile.customData"],
  },
  {
    type: "azure-native:devtestlab:GlobalSchedule",
    path: `${GROUP}/providers/Microsoft.DevTestLab/schedules/{name}`,
    apiVersion: "2018-09-15",
    envelope: ["location", "tags"],
    named: { input: "name" },
    replaceOn: [],
    readOnly: ["type", "azureApiVersion", "createdDate", "provisioningState", "uniqueIdentifier"],
  },
];
