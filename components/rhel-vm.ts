import * as compute from "@pulumi/azure-native/compute";
import * as devtestlab from "@pulumi/azure-native/devtestlab";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import * as yaml from "yaml";
import { componentType, type PlacementArgs } from "./component";
import { type VmConnection } from "./vm-step";

export interface RhelVmArgs extends PlacementArgs {
  readonly networkInterfaceId: pulumi.Input<string>;
  /** Address and port at which the VM's sshd is reached. */
  readonly sshAddress: pulumi.Input<string>;
  readonly sshPort: number;
  readonly adminUsername: string;
  /** OpenSSH public keys that may sign in, besides the generated one. A change replaces the VM. */
  readonly sshPublicKeys: readonly string[];
  /** Like Standard_B2s. A change restarts the VM. */
  readonly size: string;
  /** 8 or 9. A change replaces the VM. */
  readonly rhelMajorVersion: number;
  /** HHmm; an empty string leaves the VM running. */
  readonly autoShutdownTime: string;
  readonly autoShutdownTimeZone: string;
  /** Whether the VM gets a system-assigned managed identity. */
  readonly managedIdentity: boolean;
}

const VM_NAME = "pg-audit-vm";

/** A RHEL VM with a generated SSH host key, so that every connection can be pinned to it. */
export class RhelVm extends pulumi.ComponentResource {
  /** How steps sign in to the VM. */
  readonly connection: VmConnection;
  /** The VM resource. */
  readonly machine: compute.VirtualMachine;
  /** `ecdsa-sha2-nistp256 AAAA...`, as in known_hosts. */
  readonly hostPublicKey: pulumi.Output<string>;
  /** The generated sign-in key in OpenSSH's format, a secret. */
  readonly privateKey: pulumi.Output<string>;
  /** Object id of the managed identity; empty without one. */
  readonly principalId: pulumi.Output<string>;

  constructor(name: string, args: RhelVmArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("RhelVm"), name, {}, opts);
    const signInKey = new tls.PrivateKey(
      `${name}-sign-in-key`,
      { algorithm: "ED25519" },
      { parent: this },
    );
    // ECDSA P-256 is what Go's SSH client, and so the command provider, prefers among a server's host keys.
    const hostKey = new tls.PrivateKey(
      `${name}-host-key`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      { parent: this },
    );
    this.machine = this.createMachine(name, args, signInKey, hostKey);
    this.createAutoShutdown(name, args);

    this.hostPublicKey = hostKey.publicKeyOpenssh.apply((key) => key.trim());
    this.privateKey = pulumi.secret(signInKey.privateKeyOpenssh);
    this.principalId = this.machine.identity.apply((identity) => identity?.principalId ?? "");
    this.connection = {
      host: args.sshAddress,
      port: args.sshPort,
      user: args.adminUsername,
      privateKey: this.privateKey,
      hostKey: this.hostPublicKey,
    };
    this.registerOutputs({ hostPublicKey: this.hostPublicKey });
  }

  private createMachine(
    name: string,
    args: RhelVmArgs,
    signInKey: tls.PrivateKey,
    hostKey: tls.PrivateKey,
  ): compute.VirtualMachine {
    const authorizedKeys = [
      signInKey.publicKeyOpenssh.apply((key) => key.trim()),
      ...args.sshPublicKeys,
    ];
    return new compute.VirtualMachine(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        tags: args.tags,
        vmName: VM_NAME,
        identity: args.managedIdentity ? { type: "SystemAssigned" } : undefined,
        hardwareProfile: { vmSize: args.size },
        osProfile: {
          computerName: VM_NAME,
          adminUsername: args.adminUsername,
          customData: cloudConfig(hostKey),
          linuxConfiguration: {
            disablePasswordAuthentication: true,
            ssh: {
              publicKeys: authorizedKeys.map((keyData) => ({
                keyData,
                path: `/home/${args.adminUsername}/.ssh/authorized_keys`,
              })),
            },
          },
        },
        storageProfile: {
          imageReference: {
            publisher: "RedHat",
            offer: "RHEL",
            sku: `${args.rhelMajorVersion}-lvm-gen2`,
            version: "latest",
          },
          osDisk: {
            createOption: "FromImage",
            deleteOption: "Delete",
            managedDisk: { storageAccountType: "Premium_LRS" },
          },
        },
        networkProfile: { networkInterfaces: [{ id: args.networkInterfaceId, primary: true }] },
      },
      {
        parent: this,
        // A network interface can't belong to two VMs.
        deleteBeforeReplace: true,
        // azure-native would send these as updates, which Azure refuses with PropertyChangeNotAllowed.
        replaceOnChanges: ["osProfile", "storageProfile.imageReference"],
      },
    );
  }

  /** Limits the costs of a forgotten lab. */
  private createAutoShutdown(name: string, args: RhelVmArgs): void {
    if (args.autoShutdownTime === "") return;
    new devtestlab.GlobalSchedule(
      `${name}-auto-shutdown`,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        tags: args.tags,
        // Azure finds a VM's schedule by this name only. Source: Azure's auto-shutdown template.
        name: `shutdown-computevm-${VM_NAME}`,
        taskType: "ComputeVmShutdownTask",
        status: "Enabled",
        dailyRecurrence: { time: args.autoShutdownTime },
        timeZoneId: args.autoShutdownTimeZone,
        targetResourceId: this.machine.id,
        notificationSettings: { status: "Disabled" },
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }
}

/** cloud-init's user data, base64, a secret: it installs the generated host key before sshd starts. */
function cloudConfig(hostKey: tls.PrivateKey): pulumi.Output<string> {
  const userData = pulumi
    .all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh])
    .apply(([privateKey, publicKey]) => {
      const document = {
        ssh_deletekeys: true,
        ssh_keys: { ecdsa_private: privateKey, ecdsa_public: publicKey.trim() },
      };
      return Buffer.from(`#cloud-config\n${yaml.stringify(document)}`).toString("base64");
    });
  return pulumi.secret(userData);
}
