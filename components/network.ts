import * as network from "@pulumi/azure-native/network";
import type * as privatedns from "@pulumi/azure-native/privatedns";
import * as pulumi from "@pulumi/pulumi";
import { componentType, type PlacementArgs } from "./component";
import { createPrivateZone } from "./private-zone";

const ADDRESS_SPACE = "10.0.0.0/16";
const VM_SUBNET = "10.0.0.0/24";
const POSTGRES_SUBNET = "10.0.1.0/24";

export interface LabNetworkArgs extends PlacementArgs {
  /** IPv4 addresses or ranges that may open SSH to the VM. */
  readonly sshSourceAddressPrefixes: readonly string[];
  /** Whether to create a subnet and a private DNS zone for a flexible server. */
  readonly privatePostgres: boolean;
  /** Whether the VM's subnet names itself to storage accounts, for their network rules. @default false */
  readonly storageServiceEndpoint?: boolean;
}

/** What a private flexible server needs of the network. */
export interface PrivatePostgresNetwork {
  readonly delegatedSubnetResourceId: pulumi.Output<string>;
  readonly privateDnsZoneArmResourceId: pulumi.Output<string>;
  /** The zone's link to the network; the server's name resolves on the VM once it exists. */
  readonly link: privatedns.VirtualNetworkLink;
}

/** Virtual network, the VM's subnet with its security group, public address and interface. */
export class LabNetwork extends pulumi.ComponentResource {
  readonly virtualNetworkId: pulumi.Output<string>;
  readonly vmSubnetId: pulumi.Output<string>;
  readonly networkInterfaceId: pulumi.Output<string>;
  readonly publicIpAddress: pulumi.Output<string>;
  /** Undefined if the server has a public endpoint. */
  readonly privatePostgres?: PrivatePostgresNetwork;

  constructor(name: string, args: LabNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("LabNetwork"), name, {}, opts);
    const { resourceGroupName, location, tags } = args;
    const placement = { resourceGroupName, location, tags };
    const child = { parent: this };

    const virtualNetwork = new network.VirtualNetwork(
      name,
      { ...placement, addressSpace: { addressPrefixes: [ADDRESS_SPACE] } },
      // Subnets are separate resources: Azure's list of them is no difference.
      { ...child, ignoreChanges: ["subnets"] },
    );
    const securityGroup = new network.NetworkSecurityGroup(
      `${name}-nsg`,
      { ...placement, securityRules: [sshRule(args.sshSourceAddressPrefixes)] },
      child,
    );
    const vmSubnet = new network.Subnet(
      `${name}-vm-subnet`,
      {
        resourceGroupName,
        virtualNetworkName: virtualNetwork.name,
        addressPrefix: VM_SUBNET,
        networkSecurityGroup: { id: securityGroup.id },
        serviceEndpoints: args.storageServiceEndpoint
          ? [{ service: "Microsoft.Storage" }]
          : undefined,
      },
      child,
    );
    const publicIp = new network.PublicIPAddress(
      `${name}-ip`,
      { ...placement, sku: { name: "Standard" }, publicIPAllocationMethod: "Static" },
      child,
    );
    const networkInterface = new network.NetworkInterface(
      `${name}-nic`,
      {
        ...placement,
        ipConfigurations: [
          { name: "primary", subnet: { id: vmSubnet.id }, publicIPAddress: { id: publicIp.id } },
        ],
      },
      child,
    );

    this.virtualNetworkId = virtualNetwork.id;
    this.vmSubnetId = vmSubnet.id;
    this.networkInterfaceId = networkInterface.id;
    // Static and Standard: Azure assigns the address when the resource is created.
    this.publicIpAddress = publicIp.ipAddress.apply((address) => address ?? "");
    if (args.privatePostgres) {
      this.privatePostgres = this.createPrivatePostgres(name, args, virtualNetwork, vmSubnet);
    }
    this.registerOutputs({ publicIpAddress: this.publicIpAddress });
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
