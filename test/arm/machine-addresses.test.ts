import { createInterface, createNetwork } from "./support/clients";
import { testCloud } from "./support/cloud";
import { errorOf } from "./support/http";
import { machineBody } from "./support/machine";

const cloud = testCloud();
beforeAll(() => createNetwork(cloud));

const NETWORK = "api-version=2024-05-01";
const network = `${cloud.group}/providers/Microsoft.Network`;
const addressId = (name: string) => `${network}/publicIPAddresses/${name}`;
const putAddress = async (name: string) => {
  const { body } = await cloud.put(`${addressId(name)}?${NETWORK}`, {
    location: "westeurope",
    sku: { name: "Standard" },
    properties: { publicIPAllocationMethod: "Static" },
  });
  return (body as { properties: { ipAddress: string } }).properties.ipAddress;
};
const machineId = (name: string) =>
  `${cloud.group}/providers/Microsoft.Compute/virtualMachines/${name}`;
const putMachine = (name: string, nicId: string) =>
  cloud.put(`${machineId(name)}?api-version=2024-11-01`, machineBody(nicId));
const sshHost = (name: string) => cloud.machines.at.get(`pg-workshop/${name}`);

test("each public IP address is another loopback address, and keeps it until it is deleted", async () => {
  expect(await putAddress("one")).toBe("127.0.0.1");
  expect(await putAddress("two")).toBe("127.0.1.1");
  expect(await putAddress("two")).toBe("127.0.1.1");
  await cloud.request("DELETE", `${addressId("one")}?${NETWORK}`);
  expect(await putAddress("three")).toBe("127.0.0.1");
});

test("a machine has the address of its interface's public IP address, also one that it gets later", async () => {
  const nicId = await createInterface(cloud, "a", addressId("two"));
  await putMachine("a", nicId);
  expect(sshHost("a")).toBe("127.0.1.1");
  await createInterface(cloud, "a");
  expect(sshHost("a")).toBe("127.0.2.1");
  await createInterface(cloud, "a", addressId("three"));
  expect(sshHost("a")).toBe("127.0.0.1");
});

test("a machine without a public IP address has an address that nobody else gets", async () => {
  await putMachine("b", await createInterface(cloud, "b"));
  expect(sshHost("b")).toBe("127.0.2.1");
  expect(await putAddress("four")).toBe("127.0.3.1");
});

test("two machines that are created at once can't have the same interface", async () => {
  const nicId = await createInterface(cloud, "c");
  const answers = await Promise.all([putMachine("c", nicId), putMachine("d", nicId)]);
  const failed = answers.filter(({ body }) => JSON.stringify(body).includes("NicInUse"));
  expect(failed).toHaveLength(1);
  expect(failed.map((answer) => errorOf(answer).code)).toEqual(["NicInUse"]);
});

test("the interfaces of a subnet have different private addresses, and keep them", async () => {
  const privateAddress = async (name: string) => {
    const { body } = await cloud.request("GET", `${network}/networkInterfaces/${name}?${NETWORK}`);
    const { properties } = body as {
      properties: { ipConfigurations: { properties: { privateIPAddress: string } }[] };
    };
    return properties.ipConfigurations[0]?.properties.privateIPAddress;
  };
  const names = ["nic", "a", "b", "c"];
  const before = await Promise.all(names.map(privateAddress));
  expect(new Set(before).size).toBe(4);
  await createInterface(cloud, "b");
  expect(await privateAddress("b")).toBe(before[2]);
});
