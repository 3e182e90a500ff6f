import * as compute from "@pulumi/azure-native/compute";
import * as devtestlab from "@pulumi/azure-native/devtestlab";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import * as yaml from "yaml";
import { componentType, type PlacementArgs } from "./component";
import { MachineIdentity, type MachineIdentityKind, type Principal } from "./machine-identity";
import { type VmConnection } from "./vm-step";

export interface RhelVmArgs extends PlacementArgs {
  readonly networkInterfaceId: pulumi.Input<string>;
  /** Address and port at which the VM's sshd is reached. */
  readonly sshAddress: pulumi.Input<string>;
  readonly sshPort: number;
  readonly adminUsername: string;
  /** Like Standard_B2s_v2. A change restarts the VM. */
  readonly size: string;
  /** 8 or 9. A change replaces the VM. */
  readonly rhelMajorVersion: number;
  /** HHmm; an empty string leaves the VM running. */
  readonly autoShutdownTime: string;
  readonly autoShutdownTimeZone: string;
  readonly managedIdentity: MachineIdentityKind;
}

const VM_NAME = "pg-audit-vm";

/** A RHEL VM with a generated SSH host key, so that every connection can be pinned to it. */
export class RhelVm extends pulumi.ComponentResource {
  /** How steps sign in to the VM. */
  readonly connection: VmConnection;
  /** The VM resource. */
  readonly machine: compute.VirtualMachine;
  /** Azure's id of this machine: another one after each replacement. */
  readonly vmId: pulumi.Output<string>;
  /** `ecdsa-sha2-nistp256 AAAA...`, as in known_hosts. */
  readonly hostPublicKey: pulumi.Output<string>;
  /** The generated sign-in key in OpenSSH's format, a secret. */
  readonly privateKey: pulumi.Output<string>;
  /** Who the VM is for Azure. */
  readonly principal: Principal;

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
    // cloud-init generates no host key where it gets one, and Azure's agent reports the VM as ready only when it finds
    // ssh_host_rsa_key.pub (WALinuxAgent, Provisioning.SshHostKeyPairType). RHEL's sshd offers all three.
    const rsaHostKey = new tls.PrivateKey(
      `${name}-rsa-host-key`,
      { algorithm: "RSA", rsaBits: 3072 },
      { parent: this },
    );
    const ed25519HostKey = new tls.PrivateKey(
      `${name}-ed25519-host-key`,
      { algorithm: "ED25519" },
      { parent: this },
    );
    const hostKeys = { ecdsa: hostKey, rsa: rsaHostKey, ed25519: ed25519HostKey };
    const { resourceGroupName, location, tags } = args;
    const identity = new MachineIdentity(
      `${VM_NAME}-identity`,
      { resourceGroupName, location, tags, kind: args.managedIdentity },
      { parent: this },
    );
    this.machine = this.createMachine(name, args, identity, signInKey, hostKeys);
    this.createAutoShutdown(name, args);

    this.vmId = this.machine.vmId;
    this.hostPublicKey = hostKey.publicKeyOpenssh.apply((key) => key.trim());
    this.privateKey = pulumi.secret(signInKey.privateKeyOpenssh);
    this.principal = identity.principalOf(this.machine);
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
    identity: MachineIdentity,
    signInKey: tls.PrivateKey,
    hostKeys: HostKeys,
  ): compute.VirtualMachine {
    return new compute.VirtualMachine(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        tags: args.tags,
        vmName: VM_NAME,
        identity: identity.assigned,
        hardwareProfile: { vmSize: args.size },
        osProfile: {
          computerName: VM_NAME,
          adminUsername: args.adminUsername,
          customData: cloudConfig(hostKeys),
          linuxConfiguration: {
            disablePasswordAuthentication: true,
            ssh: {
              // Only this one: Azure changes no key of an existing VM, so another key would replace the VM.
              publicKeys: [
                {
                  keyData: signInKey.publicKeyOpenssh.apply((key) => key.trim()),
                  path: `/home/${args.adminUsername}/.ssh/authorized_keys`,
                },
              ],
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
        // Said, since Azure's default depends on API version and subscription. Source: "Trusted Launch as default".
        securityProfile: {
          securityType: "TrustedLaunch",
          uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
        },
      },
      {
        parent: this,
        // A network interface can't belong to two VMs.
        deleteBeforeReplace: true,
        // azure-native would send these as updates, which Azure refuses with PropertyChangeNotAllowed; of the interfaces for
        // a VM that runs.
        replaceOnChanges: [
          "osProfile",
          "securityProfile",
          "storageProfile.imageReference",
          "networkProfile",
        ],
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

/** The VM's SSH host keys, by cloud-init's names of their types. */
type HostKeys = Readonly<Record<"ecdsa" | "rsa" | "ed25519", tls.PrivateKey>>;

/** cloud-init's user data, base64, a secret: it installs the generated host keys before sshd starts. */
function cloudConfig(hostKeys: HostKeys): pulumi.Output<string> {
  const pairs = Object.entries(hostKeys).map(([type, key]) => ({
    [`${type}_private`]: key.privateKeyOpenssh,
    [`${type}_public`]: key.publicKeyOpenssh.apply((text) => text.trim()),
  }));
  const userData = pulumi.all(pairs).apply((all) => {
    const document = { ssh_deletekeys: true, ssh_keys: Object.assign({}, ...all) as object };
    return Buffer.from(`#cloud-config\n${yaml.stringify(document)}`).toString("base64");
  });
  return pulumi.secret(userData);
}
