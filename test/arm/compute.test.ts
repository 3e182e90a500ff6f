import { type Answer } from "./support/http";
import { TestCloud } from "./support/cloud";

let cloud: TestCloud;
let id: string;
beforeAll(async () => {
  cloud = await TestCloud.start();
  await cloud.makeGroup();
  id = `${cloud.group}/providers/Microsoft.Compute/virtualMachines/vm`;
  const network = `${cloud.group}/providers/Microsoft.Network`;
  const api = "api-version=2024-05-01";
  const location = "westeurope";
  await cloud.put(`${network}/virtualNetworks/net?${api}`, {
    location,
    properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
  });
  await cloud.put(`${network}/virtualNetworks/net/subnets/vm?${api}`, {
    properties: { addressPrefix: "10.0.0.0/24" },
  });
  await cloud.put(`${network}/networkInterfaces/nic?${api}`, {
    location,
    properties: {
      ipConfigurations: [
        {
          name: "primary",
          properties: { subnet: { id: `${network}/virtualNetworks/net/subnets/vm` } },
        },
      ],
    },
  });
});
afterAll(() => cloud.close());

const CUSTOM_DATA = Buffer.from("#cloud-config\nhost key\n").toString("base64");

const machine = (osProfile: object = {}, nic = "nic") => ({
  location: "westeurope",
  properties: {
    hardwareProfile: { vmSize: "Standard_B2s" },
    osProfile: {
      computerName: "vm",
      adminUsername: "azureuser",
      customData: CUSTOM_DATA,
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: {
          publicKeys: [{ path: "/home/azureuser/.ssh/authorized_keys", keyData: "ssh-ed25519 A" }],
        },
      },
      ...osProfile,
    },
    storageProfile: {
      imageReference: { publisher: "RedHat", offer: "RHEL", sku: "8-lvm-gen2", version: "latest" },
      osDisk: { createOption: "FromImage", deleteOption: "Delete" },
    },
    networkProfile: {
      networkInterfaces: [
        { id: `${cloud.group}/providers/Microsoft.Network/networkInterfaces/${nic}` },
      ],
    },
  },
});

const put = (body: unknown, path = id) => cloud.put(`${path}?api-version=2024-11-01`, body);
const errorOf = ({ body }: Answer) => (body as { error: { code: string; message: string } }).error;

describe("a virtual machine", () => {
  test("that can't be provisioned says why, and isn't there", async () => {
    cloud.machines.problem = new Error("the console ended with: panic");
    const { body } = await put(machine());
    cloud.machines.problem = undefined;
    expect(body).toMatchObject({
      status: "Failed",
      error: {
        code: "OSProvisioningTimedOut",
        message: expect.stringContaining("panic") as unknown,
      },
    });
    expect((await cloud.request("GET", `${id}?api-version=2024-11-01`)).status).toBe(404);
  });

  test("is made as the profile says, and never shows its custom data", async () => {
    expect((await put(machine())).body).toMatchObject({ status: "Succeeded" });
    expect(cloud.machines.created).toEqual([
      {
        name: "vm",
        computerName: "vm",
        adminUsername: "azureuser",
        customData: CUSTOM_DATA,
        sshPublicKeys: [{ path: "/home/azureuser/.ssh/authorized_keys", keyData: "ssh-ed25519 A" }],
      },
    ]);
    const { body } = await cloud.request("GET", `${id}?api-version=2024-11-01`);
    expect(body).toMatchObject({ name: "vm", properties: { provisioningState: "Succeeded" } });
    expect(JSON.stringify(body)).not.toContain(CUSTOM_DATA);
  });

  test("keeps running when it is put again, and keeps its identity", async () => {
    const before = await cloud.request("GET", `${id}?api-version=2024-11-01`);
    await put({ ...machine(), tags: { owner: "me" } });
    expect(cloud.machines.created).toHaveLength(1);
    const { body } = await cloud.request("GET", `${id}?api-version=2024-11-01`);
    const vmId = (answer: unknown) => (answer as { properties: { vmId: string } }).properties.vmId;
    expect(vmId(body)).toBe(vmId(before.body));
    expect(body).toMatchObject({ tags: { owner: "me" } });
  });

  test.each<[string, () => Promise<Answer>, string, RegExp]>([
    [
      "another administrator",
      () => put(machine({ adminUsername: "root2" })),
      "PropertyChangeNotAllowed",
      /osProfile\.adminUsername/,
    ],
    [
      "a second machine",
      () => put(machine(), `${id}2`),
      "OperationNotAllowed",
      /runs one VM, and 'vm' is there/,
    ],
    [
      "an interface that isn't there",
      () => put(machine({}, "nowhere")),
      "InvalidResourceReference",
      /networkInterfaces\/nowhere/,
    ],
    [
      "a password instead of a key",
      () => put(machine({ adminPassword: "hush" })),
      "InvalidRequestContent",
      /adminPassword/,
    ],
  ])("is refused: %s", async (_, request, code, message) => {
    const error = errorOf(await request());
    expect(error).toEqual({ code, message: expect.stringMatching(message) as unknown });
    expect(error.message).not.toContain("hush");
  });

  test("is restarted, stopped, started and deleted", async () => {
    for (const action of ["restart", "deallocate", "start"]) {
      const answer = await cloud.request("POST", `${id}/${action}?api-version=2024-11-01`);
      expect((await cloud.finish(answer)).body).toMatchObject({ status: "Succeeded" });
    }
    await cloud.finish(await cloud.request("DELETE", `${id}?api-version=2024-11-01`));
    expect(cloud.machines.done).toEqual(["restart vm", "powerOff vm", "start vm", "delete vm"]);
  });
});
