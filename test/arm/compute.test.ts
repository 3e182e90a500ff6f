import { createInterface, createNetwork } from "./support/clients";
import { testCloud } from "./support/cloud";
import { type Answer, errorOf } from "./support/http";
import { CUSTOM_DATA, machineBody, SSH_KEY } from "./support/machine";

const cloud = testCloud();
beforeAll(async () => {
  await createNetwork(cloud);
  await createInterface(cloud, "nic2");
});

const id = `${cloud.group}/providers/Microsoft.Compute/virtualMachines/vm`;
const KEY = "pg-workshop/vm";
const machine = (osProfile: object = {}, nic = "nic") =>
  machineBody(`${cloud.group}/providers/Microsoft.Network/networkInterfaces/${nic}`, { osProfile });
const machineOf = (sku: string) => {
  const body = machine();
  body.properties.storageProfile.imageReference.sku = sku;
  return body;
};
const trusted = ({ properties, ...body }: ReturnType<typeof machineBody>) => ({
  ...body,
  properties: { ...properties, securityProfile: { securityType: "TrustedLaunch" } },
});
const put = (body: unknown, path = id) => cloud.put(`${path}?api-version=2024-11-01`, body);

describe("a virtual machine", () => {
  test("that can't be provisioned fails with the reason, and isn't created", async () => {
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

  test("is created with its profile, and doesn't show its custom data", async () => {
    expect((await put(machine())).body).toMatchObject({ status: "Succeeded" });
    expect(cloud.machines.created).toEqual([
      {
        computerName: "vm",
        adminUsername: "azureuser",
        customData: CUSTOM_DATA,
        sshPublicKeys: [SSH_KEY],
      },
    ]);
    const { body } = await cloud.request("GET", `${id}?api-version=2024-11-01`);
    expect(body).toMatchObject({ name: "vm", properties: { provisioningState: "Succeeded" } });
    expect(JSON.stringify(body)).not.toContain(CUSTOM_DATA);
  });

  test("keeps running and keeps its vmId after a second PUT", async () => {
    const before = await cloud.request("GET", `${id}?api-version=2024-11-01`);
    await put({ ...machine(), tags: { owner: "me" } });
    expect(cloud.machines.created).toHaveLength(1);
    const { body } = await cloud.request("GET", `${id}?api-version=2024-11-01`);
    const vmId = (answer: unknown) => (answer as { properties: { vmId: string } }).properties.vmId;
    expect(vmId(body)).toBe(vmId(before.body));
    expect(body).toMatchObject({ tags: { owner: "me" } });
  });

  test("is missing once its disk is lost, and created again with another vmId", async () => {
    const get = () => cloud.request("GET", `${id}?api-version=2024-11-01`);
    const vmId = (answer: unknown) =>
      (answer as { body: { properties: { vmId: string } } }).body.properties.vmId;
    const before = vmId(await get());
    cloud.machines.lost.add(KEY);
    expect((await get()).status).toBe(404);
    await put(machine());
    expect(cloud.machines.created).toHaveLength(2);
    expect(vmId(await get())).not.toBe(before);
  });

  test.each<[string, () => Promise<Answer>, string, RegExp]>([
    [
      "another administrator",
      () => put(machine({ adminUsername: "root2" })),
      "PropertyChangeNotAllowed",
      /osProfile\.adminUsername/,
    ],
    [
      "another image",
      () => put(machineOf("9-lvm-gen2")),
      "PropertyChangeNotAllowed",
      /imageReference/,
    ],
    [
      "Trusted Launch for a running machine",
      () => put(trusted(machine())),
      "PropertyChangeNotAllowed",
      /securityProfile\.securityType/,
    ],
    [
      "Trusted Launch with an image of generation 1",
      () => put(trusted(machineOf("8-lvm")), `${id}2`),
      "BadRequest",
      /TrustedLaunch setting is not supported for the provided image/,
    ],
    [
      "the interface of another machine",
      () => put(machine(), `${id}2`),
      "NicInUse",
      /networkInterfaces\/nic is used by existing resource .*virtualMachines\/vm\./,
    ],
    [
      "another interface",
      () => put(machine({}, "nic2")),
      "PropertyChangeNotAllowed",
      /networkProfile\.networkInterfaces/,
    ],
    [
      "an interface that doesn't exist",
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
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
    expect(error.message).not.toContain("hush");
  });

  test("is restarted, stopped, started and deleted", async () => {
    for (const action of ["restart", "deallocate", "start"]) {
      const answer = await cloud.request("POST", `${id}/${action}?api-version=2024-11-01`);
      expect((await cloud.finish(answer)).body).toMatchObject({ status: "Succeeded" });
    }
    await cloud.finish(await cloud.request("DELETE", `${id}?api-version=2024-11-01`));
    expect(cloud.machines.done).toEqual(
      ["restart", "powerOff", "start", "delete"].map((what) => `${what} ${KEY}`),
    );
  });
});
