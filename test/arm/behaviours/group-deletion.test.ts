import { createNetwork } from "../support/clients";
import { testCloud } from "../support/cloud";
import { serverBody, serverId } from "../support/flexible-server";
import { machineBody } from "../support/machine";

const GROUPS_API = "api-version=2024-03-01";
const NETWORK = {
  location: "westeurope",
  properties: { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } },
};

const cloud = testCloud();
/** The deletions in the backends, in order. */
const done: string[] = [];
let release: () => void;
beforeAll(async () => {
  const { location, sku, ...properties } = serverBody();
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
  const { nicId } = await createNetwork(cloud);
  await cloud.put(
    `${cloud.group}/providers/Microsoft.Compute/virtualMachines/vm?api-version=2024-11-01`,
    machineBody(nicId),
  );
  watchDeletions();
});

const setting = () =>
  `${serverId(cloud)}/providers/Microsoft.Insights/diagnosticSettings/logs?api-version=2021-05-01-preview`;

/** Records the deletions; the first one, that of the VM, waits for the test. */
function watchDeletions(): void {
  const { servers, storage } = cloud.parts;
  const released = new Promise<void>((resolve) => (release = resolve));
  cloud.machines.delete = async (name) => {
    await released;
    done.push(`machine ${name}`);
  };
  const deleteServer = servers.delete.bind(servers);
  servers.delete = (name) => deleteServer(name).then(() => void done.push(`server ${name}`));
  const deleteAccount = storage.deleteAccount.bind(storage);
  storage.deleteAccount = (name) =>
    deleteAccount(name).then(() => void done.push(`account ${name}`));
}

test("a group is deleted with its resources, in order, and refuses new ones meanwhile", async () => {
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

  release();
  expect((await cloud.finish(answer)).status).toBe(200);
  expect(done).toEqual(["machine pg-workshop/vm", "server psqlflexitest", "account labaccount"]);
  expect((await cloud.request("GET", `${cloud.group}?${GROUPS_API}`)).status).toBe(404);
});

test("its diagnostic setting stays, and can be deleted", async () => {
  expect((await cloud.request("GET", setting())).status).toBe(200);
  expect((await cloud.request("DELETE", setting())).status).toBe(200);
});

test("a group of the same name is empty", async () => {
  expect((await cloud.createGroup()).status).toBe(201);
  const { body } = await cloud.request("GET", `${cloud.group}/resources?${GROUPS_API}`);
  expect(body).toEqual({ value: [] });
});
