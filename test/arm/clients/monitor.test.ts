import type { DiagnosticSettingsResource, MonitorClient } from "@azure/arm-monitor";
import { GROUP, LOCATION, monitorClient, restError, storageClient } from "../support/clients";
import { testCloud } from "../support/cloud";
import { createServer, serverId } from "../support/flexible-server";

const ACCOUNTS = ["firstsink", "secondsink"];

const cloud = testCloud();
let client: MonitorClient;
const scope = serverId(cloud);
beforeAll(async () => {
  client = monitorClient(cloud);
  for (const name of ACCOUNTS) {
    await storageClient(cloud).storageAccounts.beginCreateAndWait(GROUP, name, {
      location: LOCATION,
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
    });
  }
  await createServer(cloud);
});

const setting = (account: number): DiagnosticSettingsResource => ({
  storageAccountId: `${cloud.group}/providers/Microsoft.Storage/storageAccounts/${ACCOUNTS[account]}`,
  logs: [{ category: "PostgreSQLLogs", enabled: true }],
});

describe("diagnostic settings", () => {
  test("are created for a server, read and listed", async () => {
    const { diagnosticSettings } = client;
    const created = await diagnosticSettings.createOrUpdate(scope, "audit", setting(0));
    expect(created).toMatchObject({ name: "audit", ...setting(0) });
    expect(await diagnosticSettings.get(scope, "audit")).toMatchObject({ id: created.id });
    await diagnosticSettings.createOrUpdate(scope, "copy", setting(1));
    const { value = [] } = await diagnosticSettings.list(scope);
    expect(value.map(({ name }) => name)).toEqual(["audit", "copy"]);
    const account = (await diagnosticSettings.list(setting(0).storageAccountId ?? "")).value;
    expect(account).toEqual([]);
  });

  test("cause typed errors if they conflict or don't exist", async () => {
    const { diagnosticSettings } = client;
    await expect(diagnosticSettings.createOrUpdate(scope, "again", setting(0))).rejects.toEqual(
      expect.objectContaining({ name: "RestError", statusCode: 409 }),
    );
    await expect(diagnosticSettings.get(scope, "nowhere")).rejects.toEqual(
      restError(404, "ResourceNotFound", /diagnosticSettings\/nowhere/),
    );
    await expect(
      diagnosticSettings.createOrUpdate(`${scope}x`, "audit", setting(0)),
    ).rejects.toEqual(restError(404, "ResourceNotFound", /flexibleServers\/psqlflexitestx/));
  });

  test("are deleted, twice without an error", async () => {
    const { diagnosticSettings } = client;
    await diagnosticSettings.delete(scope, "copy");
    await diagnosticSettings.delete(scope, "copy");
    const { value = [] } = await diagnosticSettings.list(scope);
    expect(value.map(({ name }) => name)).toEqual(["audit"]);
  });
});
