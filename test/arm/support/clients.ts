import { ComputeManagementClient } from "@azure/arm-compute";
import { MonitorClient } from "@azure/arm-monitor";
import { NetworkManagementClient } from "@azure/arm-network";
import { PrivateDnsManagementClient } from "@azure/arm-privatedns";
import { ResourceManagementClient } from "@azure/arm-resources";
import { StorageManagementClient } from "@azure/arm-storage";
import { type TestCloud } from "./cloud";

/** The group of `TestCloud.createGroup`. */
export const GROUP = "PG-WORKSHOP";
export const LOCATION = "westeurope";

/** Microsoft's clients, each with its default api-version if local Azure supports that, else with azure-native's. */
export const computeClient = (cloud: TestCloud) => cloud.client(ComputeManagementClient);
export const monitorClient = (cloud: TestCloud) => cloud.client(MonitorClient);
export const networkClient = (cloud: TestCloud) => cloud.client(NetworkManagementClient);
export const privateDnsClient = (cloud: TestCloud) =>
  cloud.client(PrivateDnsManagementClient, "2024-06-01");
export const resourcesClient = (cloud: TestCloud) => cloud.client(ResourceManagementClient);
export const storageClient = (cloud: TestCloud) => cloud.client(StorageManagementClient);

/** Polls a long-running operation at once instead of every two seconds. */
export const AT_ONCE = { updateIntervalInMs: 1 };

/** All members of a list with pages. */
export async function all<T>(members: AsyncIterable<T>): Promise<T[]> {
  const found = [];
  for await (const member of members) found.push(member);
  return found;
}

/** The error of a client: typed, with status and Azure's code. */
export const restError = (statusCode: number, code: string, message?: RegExp) =>
  expect.objectContaining({
    name: "RestError",
    statusCode,
    code,
    ...(message ? { message: expect.stringMatching(message) as unknown } : {}),
  }) as Error;

/** Creates a network with a subnet, and an interface for a machine in it. */
export async function createNetwork(cloud: TestCloud): Promise<{ nicId: string }> {
  const client = networkClient(cloud);
  await client.virtualNetworks.beginCreateOrUpdateAndWait(GROUP, "net", {
    location: LOCATION,
    addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
  });
  await client.subnets.beginCreateOrUpdateAndWait(GROUP, "net", "vm", {
    addressPrefix: "10.0.0.0/24",
  });
  return { nicId: await createInterface(cloud, "nic") };
}

/** Creates an interface in the subnet of `createNetwork`, or changes its public IP address. */
export async function createInterface(
  cloud: TestCloud,
  name: string,
  publicIPAddressId?: string,
): Promise<string> {
  const subnet = {
    id: `${cloud.group}/providers/Microsoft.Network/virtualNetworks/net/subnets/vm`,
  };
  const publicIPAddress = publicIPAddressId === undefined ? undefined : { id: publicIPAddressId };
  const { networkInterfaces } = networkClient(cloud);
  const nic = await networkInterfaces.beginCreateOrUpdateAndWait(GROUP, name, {
    location: LOCATION,
    ipConfigurations: [{ name: "primary", subnet, publicIPAddress }],
  });
  return nic.id ?? "";
}
