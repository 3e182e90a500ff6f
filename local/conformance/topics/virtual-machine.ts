import { claim, get, type Place, post, put, refused, remove, setUp, type Topic } from "../claim";

/** Has the form of an SSH key; nobody has the private one. */
const SSH_KEY = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from("ssh-ed25519"),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]).toString("base64")}`;

interface MachineOptions {
  /** Name of a network interface of the group. */
  readonly nic: string;
  readonly adminUsername?: string;
  readonly vmSize?: string;
  /** The RHEL image's. */
  readonly sku?: string;
  readonly securityType?: "TrustedLaunch";
}

/** The PUT body of a virtual machine. */
export const machineBody = (
  { group, location }: Place,
  {
    nic,
    adminUsername = "azureuser",
    vmSize = "Standard_B2s_v2",
    sku = "8-lvm-gen2",
    securityType,
  }: MachineOptions,
) => ({
  location,
  properties: {
    hardwareProfile: { vmSize },
    osProfile: {
      computerName: "vm",
      adminUsername,
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: {
          publicKeys: [{ path: `/home/${adminUsername}/.ssh/authorized_keys`, keyData: SSH_KEY }],
        },
      },
    },
    storageProfile: {
      imageReference: { publisher: "RedHat", offer: "RHEL", sku, version: "latest" },
      osDisk: { createOption: "FromImage", deleteOption: "Delete" },
    },
    ...(securityType && { securityProfile: { securityType } }),
    networkProfile: {
      networkInterfaces: [{ id: `${group}/providers/Microsoft.Network/networkInterfaces/${nic}` }],
    },
  },
});

/** A virtual machine from its creation to its deletion. */
export const virtualMachine: Topic = {
  name: "A virtual machine",
  minutes: 10,
  steps: (place) => {
    const provider = `${place.group}/providers/Microsoft.Network`;
    const net = `${provider}/virtualNetworks/machines`;
    const nic = `${provider}/networkInterfaces/machine`;
    const id = `${place.group}/providers/Microsoft.Compute/virtualMachines/vm`;
    const machine = (options: Partial<MachineOptions> = {}) =>
      put(id, machineBody(place, { nic: "machine", ...options }));
    const done = { ended: "Succeeded" } as const;
    const keeps = (what: string, change: Partial<MachineOptions>, message: RegExp) =>
      refused(
        `a machine keeps its ${what}`,
        machine(change),
        409,
        "PropertyChangeNotAllowed",
        message,
      );
    return [
      setUp(
        put(net, {
          location: place.location,
          properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
        }),
      ),
      setUp(put(`${net}/subnets/vm`, { properties: { addressPrefix: "10.0.0.0/24" } })),
      setUp(
        put(nic, {
          location: place.location,
          properties: {
            ipConfigurations: [
              { name: "primary", properties: { subnet: { id: `${net}/subnets/vm` } } },
            ],
          },
        }),
      ),
      refused(
        "Trusted Launch needs an image of generation 2",
        machine({ sku: "8-lvm", securityType: "TrustedLaunch" }),
        400,
        "BadRequest",
        /TrustedLaunch/,
      ),
      claim("a machine is created by an operation", machine(), {
        ...{ status: 201, ...done },
        body: { properties: { provisioningState: "Succeeded" } },
      }),
      setUp(get(id)),
      claim("a machine can be put again", machine(), {
        status: 200,
        ...done,
      }),
      keeps("administrator", { adminUsername: "another" }, /osProfile\.adminUsername/),
      keeps("image", { sku: "9-lvm-gen2" }, /imageReference/),
      refused(
        "a machine's interface can't be deleted",
        remove(nic),
        400,
        "NicInUse",
        /virtualMachines\/vm/,
      ),
      ...["restart", "deallocate", "start"].map((action) =>
        claim(`the action ${action} of a machine is an operation`, post(`${id}/${action}`), {
          status: 202,
          ...done,
        }),
      ),
      claim("a machine is deleted by an operation", remove(id), { status: 202, ...done }),
      claim("a deleted machine's interface can be deleted", remove(nic), {}),
    ];
  },
};
