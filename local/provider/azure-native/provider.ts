import { version } from "@pulumi/azure-native/package.json";
import { runMain } from "../../../common/run-main";
import { type Inputs, type Invoke, type ProviderDefinition, serveProvider } from "../protocol";
import { ArmClient } from "./arm-client";
import { resourceId, toOutputs } from "./body";
import { resourceHandler } from "./resource-handler";
import { SPECS } from "./specs";

/** `pulumi-resource-azure-native` for local Azure: the types that the lab uses. */
export function azureNativeProvider(version: string, env: NodeJS.ProcessEnv): ProviderDefinition {
  let signedIn: Promise<ArmClient> | undefined;
  // Signs in at the first call: a preview of a new stack calls nothing.
  const client = () => (signedIn ??= ArmClient.fromEnvironment(env));
  const functions = invokes(client);
  return {
    name: "azure-native",
    version,
    supportsPreview: true,
    resources: (type) => {
      const spec = SPECS.get(type);
      return spec && resourceHandler(spec, client);
    },
    invokes: (token) => functions.get(token),
  };
}

const STORAGE_API_VERSION = "2024-01-01";

/** The functions of azure-native that the program calls, by token. */
export function invokes(client: () => Promise<ArmClient>): ReadonlyMap<string, Invoke> {
  const storageAction = async (args: Inputs, action: string, body?: unknown): Promise<Inputs> => {
    const arm = await client();
    const { resourceGroupName, accountName } = args as Record<string, string>;
    const path = `/subscriptions/${arm.subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.Storage/storageAccounts/${accountName}/${action}`;
    return (await arm.call({ method: "POST", path, apiVersion: STORAGE_API_VERSION, body })) ?? {};
  };
  /** Reads a resource that isn't of the stack. */
  const reading = (type: string): Invoke => {
    const spec = SPECS.get(type);
    if (!spec) throw new Error(`the stand-in of azure-native has no ${type}`);
    return async (args) => {
      const arm = await client();
      const id = resourceId(spec, args, arm.subscriptionId);
      const found = await arm.call({ method: "GET", path: id, apiVersion: spec.apiVersion });
      return { id, ...toOutputs(spec, found ?? {}) };
    };
  };
  return new Map<string, Invoke>([
    [
      "azure-native:authorization:getClientConfig",
      async () => {
        const { subscriptionId, signedIn } = await client();
        return { subscriptionId, ...signedIn };
      },
    ],
    [
      "azure-native:dbforpostgresql:getConfiguration",
      reading("azure-native:dbforpostgresql:Configuration"),
    ],
    ["azure-native:dbforpostgresql:getServer", reading("azure-native:dbforpostgresql:Server")],
    ["azure-native:network:getSubnet", reading("azure-native:network:Subnet")],
    ["azure-native:network:getVirtualNetwork", reading("azure-native:network:VirtualNetwork")],
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

if (require.main === module) {
  runMain(() => serveProvider(azureNativeProvider(version, process.env)));
}
