import { TestCloud } from "../support/cloud";
import { serverBody, serverId } from "../support/flexible-server";

const GROUPS_API = "api-version=2024-03-01";
const NETWORK = {
  location: "westeurope",
  properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
};

let cloud: TestCloud;
/** What the group's deletion did behind the API, in its order. */
const done: string[] = [];
let letGo: () => void;
beforeAll(async () => {
  cloud = await TestCloud.start();
  await cloud.makeGroup();
  const { location, sku, ...properties } = serverBody();
  const network = `${cloud.group}/providers/Microsoft.Network`;
  const account = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/labaccount`;
  await cloud.put(`${account}?api-version=2024-01-01`, {
    location,
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  });
  await cloud.put(`${serverId(cloud)}?api-version=2025-08-01`, {
    location,
    sku,
    properties: { ...properties, storage: { storageSizeGB: 32 } },
  });
  await cloud.put(`${setting()}`, {
    properties: {
      storageAccountId: account,
      logs: [{ category: "PostgreSQLLogs", enabled: true }],
    },
  });
  await cloud.put(`${network}/virtualNetworks/net?api-version=2024-05-01`, NETWORK);
  await cloud.put(`${network}/virtualNetworks/net/subnets/vm?api-version=2024-05-01`, {
    properties: { addressPrefix: "10.0.0.0/24" },
  });
  await cloud.put(`${network}/networkInterfaces/nic?api-version=2024-05-01`, {
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
  await cloud.put(
    `${cloud.group}/providers/Microsoft.Compute/virtualMachines/vm?api-version=2024-11-01`,
    {
      location,
      properties: {
        hardwareProfile: { vmSize: "Standard_B2s" },
        osProfile: {
          computerName: "vm",
          adminUsername: "azureuser",
          linuxConfiguration: {
            disablePasswordAuthentication: true,
            ssh: { publicKeys: [{ keyData: "ssh-ed25519 A" }] },
          },
        },
        storageProfile: {
          imageReference: { publisher: "RedHat", offer: "RHEL", sku: "8", version: "latest" },
          osDisk: { createOption: "FromImage" },
        },
        networkProfile: { networkInterfaces: [{ id: `${network}/networkInterfaces/nic` }] },
      },
    },
  );
  watchDeletions();
});
afterAll(() => cloud.close());

const setting = () =>
  `${serverId(cloud)}/providers/Microsoft.Insights/diagnosticSettings/logs?api-version=2021-05-01-preview`;

/** Writes down what is deleted, and holds the VM's deletion, which is the first, until the test lets go. */
function watchDeletions(): void {
  const { servers, storage } = cloud.parts;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  cloud.machines.delete = async (name) => {
    await held;
    done.push(`machine ${name}`);
  };
  const deleteServer = servers.delete.bind(servers);
  servers.delete = (name) => deleteServer(name).then(() => void done.push(`server ${name}`));
  const deleteAccount = storage.deleteAccount.bind(storage);
  storage.deleteAccount = (name) =>
    deleteAccount(name).then(() => void done.push(`account ${name}`));
}

test("a group is deleted with what is in it, in order, and takes nothing meanwhile", async () => {
  const answer = await cloud.request("DELETE", `${cloud.group}?${GROUPS_API}`);
  expect(answer.status).toBe(202);
  expect(answer.headers["azure-asyncoperation"]).toBeUndefined();
  const location = (answer.headers.location as string).slice(cloud.url.length);
  const running = await cloud.request("GET", location);
  expect([running.status, running.headers.location]).toEqual([202, answer.headers.location]);

  expect((await cloud.request("GET", `${cloud.group}?${GROUPS_API}`)).body).toMatchObject({
    properties: { provisioningState: "Deleting" },
  });
  const network = `${cloud.group}/providers/Microsoft.Network/virtualNetworks/more`;
  for (const [path, body] of [
    [`${network}?api-version=2024-05-01`, NETWORK],
    [`${cloud.group}?${GROUPS_API}`, { location: "westeurope" }],
  ] as const) {
    const refused = await cloud.request("PUT", path, body);
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual({
      error: {
        code: "ResourceGroupBeingDeleted",
        message:
          "The resource group 'PG-WORKSHOP' is in deprovisioning state and cannot perform this operation.",
      },
    });
  }
  expect(done).toEqual([]);

  letGo();
  expect((await cloud.finish(answer)).status).toBe(200);
  expect(done).toEqual(["machine vm", "server psqlflexitest", "account labaccount"]);
  expect((await cloud.request("GET", `${cloud.group}?${GROUPS_API}`)).status).toBe(404);
});

test("its diagnostic setting stays, and goes by itself", async () => {
  expect((await cloud.request("GET", setting())).status).toBe(200);
  expect((await cloud.request("DELETE", setting())).status).toBe(200);
});

test("a group of the same name is empty", async () => {
  expect((await cloud.makeGroup()).status).toBe(201);
  const { body } = await cloud.request("GET", `${cloud.group}/resources?${GROUPS_API}`);
  expect(body).toEqual({ value: [] });
});
