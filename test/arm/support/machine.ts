/** A cloud-init file, as the program sends it. */
export const CUSTOM_DATA = Buffer.from("#cloud-config\nhost key\n").toString("base64");

export const SSH_KEY = {
  path: "/home/azureuser/.ssh/authorized_keys",
  keyData: "ssh-ed25519 A",
};

/** The PUT body of a virtual machine with this network interface. */
export const machineBody = (
  nicId: string,
  { osProfile = {}, vmSize = "Standard_B2s" }: { osProfile?: object; vmSize?: string } = {},
) => ({
  location: "westeurope",
  properties: {
    hardwareProfile: { vmSize },
    osProfile: {
      computerName: "vm",
      adminUsername: "azureuser",
      customData: CUSTOM_DATA,
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [SSH_KEY] },
      },
      ...osProfile,
    },
    storageProfile: {
      imageReference: { publisher: "RedHat", offer: "RHEL", sku: "8-lvm-gen2", version: "latest" },
      osDisk: { createOption: "FromImage", deleteOption: "Delete" },
    },
    networkProfile: { networkInterfaces: [{ id: nicId }] },
  },
});
