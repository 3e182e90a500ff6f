import { type ResourceSpec } from "../resource-spec";
import { COMPUTE_SPECS } from "./compute";
import { NETWORK_SPECS } from "./network";
import { POSTGRESQL_SPECS } from "./postgresql";
import { STORAGE_SPECS } from "./storage";

const OTHER_SPECS: readonly ResourceSpec[] = [
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
];

const ALL = [
  ...OTHER_SPECS,
  ...NETWORK_SPECS,
  ...STORAGE_SPECS,
  ...POSTGRESQL_SPECS,
  ...COMPUTE_SPECS,
];

/** Every resource type that the stand-in knows, by its token. */
export const SPECS: ReadonlyMap<string, ResourceSpec> = new Map(
  ALL.map((spec) => [spec.type, spec]),
);
