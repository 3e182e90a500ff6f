import * as authorization from "@pulumi/azure-native/authorization";
import * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { regionName } from "../common/region-name";
import { subnetIdParts } from "../config/keys/vm";
import { type LabConfig } from "../config/schema";
import { obstacleTexts, requireNoProblems, unreadable } from "./existing-resource";
import { subscriptionProblem } from "./own-subscription";

/** The id of the subnet of `vmSubnetId`, once it is certain that the VM can be placed in it. Nothing of it is changed. */
export const existingVmSubnet = (config: LabConfig): pulumi.Output<string> =>
  pulumi.output(vmSubnetObstacles(config)).apply((problems) => {
    const { subnetName } = subnetIdParts(config.vmSubnetId);
    requireNoProblems(`The subnet of vmSubnetId, ${subnetName}, can't have the VM`, problems);
    return config.vmSubnetId;
  });

/** Reads the subnet; in another subscription than the sign-in's it isn't found. */
export async function vmSubnetObstacles(config: LabConfig): Promise<string[]> {
  const { subscriptionId, ...names } = subnetIdParts(config.vmSubnetId);
  const signedIn = await authorization.getClientConfig();
  const elsewhere = subscriptionProblem("the subnet's", subscriptionId, signedIn.subscriptionId);
  // Source: as for the region, vmSubnetProblems.
  if (elsewhere !== undefined) {
    return [`it is ${elsewhere}; Azure places a VM in networks of its own subscription only`];
  }
  try {
    const [{ location }, subnet] = await Promise.all([
      network.getVirtualNetwork(names),
      network.getSubnet(names),
    ]);
    return vmSubnetProblems(config, { ...subnet, location });
  } catch (error) {
    return [unreadable("vmSubnetId", "network", error as Error)];
  }
}

type Found = Pick<network.GetSubnetResult, "delegations" | "natGateway" | "serviceEndpoints"> &
  Pick<network.GetVirtualNetworkResult, "location">;

/** Why the VM can't be placed in a subnet, with what to do. */
export function vmSubnetProblems(
  config: Pick<LabConfig, "location" | "postgresNetworkAccess" | "storageNetworkAccess">,
  found: Found,
): string[] {
  const location = regionName(found.location ?? "");
  const services = (found.serviceEndpoints ?? []).map(({ service }) => service);
  return obstacleTexts([
    // Source: Azure's "Create, change, or delete a network interface".
    [
      location !== config.location,
      `it is in ${location}, and Azure places a VM in networks of its own region only: ` +
        `choose a subnet in ${config.location}, or pulumi config set location ${location}`,
    ],
    // Source: Azure's "Networking overview" of flexible servers with VNet integration: only they can use the subnet.
    [
      (found.delegations ?? []).some(({ serviceName }) => serviceName === POSTGRES),
      `it is delegated to ${POSTGRES}, so only servers can be in it: choose another subnet of the network`,
    ],
    // The account's rule names the subnet, and Azure refuses it without the endpoint. The subnet isn't the stack's to change.
    [
      config.storageNetworkAccess === "trusted" &&
        !services.some((service) => STORAGE_SERVICES.includes(service ?? "")),
      "it has no service endpoint Microsoft.Storage, which storageNetworkAccess trusted needs: " +
        "let its owner add one, or pulumi config set storageNetworkAccess public",
    ],
    // Source: Azure's "What is Azure NAT Gateway?": it takes precedence over a VM's own public address.
    [
      config.postgresNetworkAccess === "public" && found.natGateway !== undefined,
      "it has a NAT gateway, whose address the VM would have for a public server, and the server's firewall " +
        "lets in the VM's own: choose a subnet without one",
    ],
  ]);
}

const POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers";
/** In the region, and in all. Source: Azure's "Azure Storage firewall rules", cross-region service endpoints. */
const STORAGE_SERVICES = ["Microsoft.Storage", "Microsoft.Storage.Global"];
