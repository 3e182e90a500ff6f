import * as network from "@pulumi/azure-native/network";
import type * as privatedns from "@pulumi/azure-native/privatedns";
import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { componentType, type PlacementArgs } from "./component";
import { createPrivateZone } from "./private-zone";
import { existingVmSubnet } from "./vm-subnet";

const ADDRESS_SPACE = "10.0.0.0/16";
const VM_SUBNET = "10.0.0.0/24";
const POSTGRES_SUBNET = "10.0.1.0/24";

export interface LabNetworkArgs extends PlacementArgs {
  readonly config: LabConfig;
}

/** What a private flexible server needs of the network. */
export interface PrivatePostgresNetwork {
  readonly delegatedSubnetResourceId: pulumi.Output<string>;
  readonly privateDnsZoneArmResourceId: pulumi.Output<string>;
  /** The zone's link to the network; the server's name resolves on the VM once it exists. */
  readonly link: privatedns.VirtualNetworkLink;
}

/** The VM's security group, public address and interface, and the virtual network, unless the VM is placed in a team's. */
export class LabNetwork extends pulumi.ComponentResource {
  readonly vmSubnetId: pulumi.Output<string>;
  readonly networkInterfaceId: pulumi.Output<string>;
  readonly publicIpAddress: pulumi.Output<string>;
  /** Undefined if the VM is in a subnet of `vmSubnetId`. */
  readonly virtualNetworkId?: pulumi.Output<string>;
  /** Undefined if the stack has no server with private access. */
  readonly privatePostgres?: PrivatePostgresNetwork;

  constructor(name: string, args: LabNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("LabNetwork"), name, {}, opts);
    const { config, ...placement } = args;
    const child = { parent: this };
    const securityGroup = new network.NetworkSecurityGroup(
      `${name}-nsg`,
      { ...placement, securityRules: [sshRule(config.sshSourceAddressPrefixes)] },
      child,
    );
    const isOwn = config.vmSubnetId === "";
    if (isOwn) {
      const { virtualNetwork, vmSubnet } = this.createVirtualNetwork(name, args, securityGroup);
      this.virtualNetworkId = virtualNetwork.id;
      this.vmSubnetId = vmSubnet.id;
      if (config.postgres.existingServerId === "" && config.postgresNetworkAccess === "private") {
        this.privatePostgres = this.createPrivatePostgres(name, args, virtualNetwork, vmSubnet);
      }
    } else {
      this.vmSubnetId = existingVmSubnet(config);
    }
    const publicIp = new network.PublicIPAddress(
      `${name}-ip`,
      { ...placement, sku: { name: "Standard" }, publicIPAllocationMethod: "Static" },
      child,
    );
    const networkInterface = new network.NetworkInterface(
      `${name}-nic`,
      {
        ...placement,
        // A team's subnet isn't the stack's to change.
        networkSecurityGroup: isOwn ? undefined : { id: securityGroup.id },
        ipConfigurations: [
          {
            name: "primary",
            subnet: { id: this.vmSubnetId },
            publicIPAddress: { id: publicIp.id },
          },
        ],
      },
      {
        ...child,
        // azure-native would send it as an update, which Azure refuses if the subnet is of another network. Source: its
        // "Create, change, or delete a network interface". A public address can't belong to two interfaces.
        replaceOnChanges: ["ipConfigurations[*].subnet"],
        deleteBeforeReplace: true,
      },
    );

    this.networkInterfaceId = networkInterface.id;
    // Static and Standard: Azure assigns the address when the resource is created.
    this.publicIpAddress = publicIp.ipAddress.apply((address) => address ?? "");
    this.registerOutputs({ publicIpAddress: this.publicIpAddress });
  }

  /** The virtual network, and the VM's subnet with the security group. */
  private createVirtualNetwork(
    name: string,
    { config, ...placement }: LabNetworkArgs,
    securityGroup: network.NetworkSecurityGroup,
  ) {
    const child = { parent: this };
    const virtualNetwork = new network.VirtualNetwork(
      name,
      { ...placement, addressSpace: { addressPrefixes: [ADDRESS_SPACE] } },
      // Subnets are separate resources: Azure's list of them is no difference.
      { ...child, ignoreChanges: ["subnets"] },
    );
    const vmSubnet = new network.Subnet(
      `${name}-vm-subnet`,
      {
        resourceGroupName: placement.resourceGroupName,
        virtualNetworkName: virtualNetwork.name,
        addressPrefix: VM_SUBNET,
        networkSecurityGroup: { id: securityGroup.id },
        // The subnet names itself to storage accounts, for their network rules.
        serviceEndpoints:
          config.storageNetworkAccess === "trusted"
            ? [{ service: "Microsoft.Storage" }]
            : undefined,
      },
      child,
    );
    return { virtualNetwork, vmSubnet };
  }

  /** A subnet delegated to flexible servers, and the private DNS zone that names them inside the network. */
  private createPrivatePostgres(
    name: string,
    { resourceGroupName, tags }: LabNetworkArgs,
    virtualNetwork: network.VirtualNetwork,
    vmSubnet: network.Subnet,
  ): PrivatePostgresNetwork {
    const child = { parent: this };
    const subnet = new network.Subnet(
      `${name}-postgres-subnet`,
      {
        resourceGroupName,
        virtualNetworkName: virtualNetwork.name,
        addressPrefix: POSTGRES_SUBNET,
        // Azure adds it when a server is created in the subnet; undeclared, the next change of the subnet would remove it.
        serviceEndpoints: [{ service: "Microsoft.Storage" }],
        delegations: [
          { name: "flexible-servers", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" },
        ],
      },
      // Azure refuses parallel writes to the subnets of one network with AnotherOperationInProgress.
      { ...child, dependsOn: [vmSubnet] },
    );
    const { zone, link } = createPrivateZone(
      `${name}-zone`,
      {
        ...{ resourceGroupName, tags, virtualNetworkId: virtualNetwork.id },
        // Must end in postgres.database.azure.com. Source: Azure's "Private DNS zone" networking documentation.
        privateZoneName: "pg-audit-lab.private.postgres.database.azure.com",
        // So that `destroy` deletes the link first: deleted side by side with it, the subnet of a flexible server is still
        // in use (InUseSubnetCannotBeDeleted; terraform-provider-azurerm 24593, azure-rest-api-specs 17443).
        linkDependsOn: subnet,
      },
      this,
    );
    return {
      delegatedSubnetResourceId: subnet.id,
      privateDnsZoneArmResourceId: zone.id,
      link,
    };
  }
}

function sshRule(sourceAddressPrefixes: readonly string[]) {
  return {
    name: "ssh-from-operators",
    priority: 100,
    direction: "Inbound",
    access: "Allow",
    protocol: "Tcp",
    sourceAddressPrefixes: [...sourceAddressPrefixes],
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "22",
  };
}
