import { type Inputs, type Invoke } from "../protocol";
import { type ArmClient } from "./arm-client";

const STORAGE_API_VERSION = "2024-01-01";

/** azure-native's functions that the program calls, by token. */
export function invokes(client: () => Promise<ArmClient>): ReadonlyMap<string, Invoke> {
  const storageAction = async (args: Inputs, action: string, body?: unknown): Promise<Inputs> => {
    const arm = await client();
    const { resourceGroupName, accountName } = args as Record<string, string>;
    const path = `/subscriptions/${arm.subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Storage/storageAccounts/${accountName}/${action}`;
    return (await arm.call({ method: "POST", path, apiVersion: STORAGE_API_VERSION, body })) ?? {};
  };
  return new Map<string, Invoke>([
    ["azure-native:storage:listStorageAccountKeys", (args) => storageAction(args, "listKeys")],
    [
      "azure-native:storage:listStorageAccountServiceSAS",
      (args) =>
        storageAction(args, "ListServiceSas", {
          canonicalizedResource: args.canonicalizedResource,
          signedResource: args.resource,
          signedPermission: args.permissions,
          signedProtocol: args.protocols,
          signedExpiry: args.sharedAccessExpiryTime,
        }),
    ],
  ]);
}
