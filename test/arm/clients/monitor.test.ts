import type { DiagnosticSettingsResource, MonitorClient } from "@azure/arm-monitor";
import { logSinks } from "../../../local/arm/resource-types/diagnostic-setting";
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

describe("a diagnostic setting with other destinations", () => {
  const API = "?api-version=2023-09-01";
  const workspaceId = () =>
    `${cloud.group}/providers/Microsoft.OperationalInsights/workspaces/audit`;
  const { logs } = setting(0);
  beforeAll(async () => {
    const properties = { sku: { name: "PerGB2018" }, retentionInDays: 31 };
    await cloud.put(`${workspaceId()}${API}`, { location: LOCATION, properties });
  });

  test("is kept beside the one to storage, and delivers nothing", async () => {
    const { diagnosticSettings } = client;
    const toWorkspace = {
      workspaceId: workspaceId(),
      logAnalyticsDestinationType: "Dedicated",
      logs,
    };
    await diagnosticSettings.createOrUpdate(scope, "to-workspace", toWorkspace);
    expect(await diagnosticSettings.get(scope, "to-workspace")).toMatchObject(toWorkspace);
    const sinks = logSinks(cloud.parts.store, scope).map(
      ({ storageAccountId }) => storageAccountId,
    );
    expect(sinks).toEqual([setting(0).storageAccountId]);
    await expect(
      diagnosticSettings.createOrUpdate(scope, "again", toWorkspace),
    ).rejects.toMatchObject({ statusCode: 409 });
  });

  test("is refused without any, or with one that isn't there", async () => {
    const { diagnosticSettings } = client;
    await expect(diagnosticSettings.createOrUpdate(scope, "nowhere", { logs })).rejects.toEqual(
      restError(400, "BadRequest", /at least one data sink/),
    );
    const gone = { workspaceId: `${workspaceId()}x`, logs };
    await expect(diagnosticSettings.createOrUpdate(scope, "gone", gone)).rejects.toEqual(
      restError(404, "ResourceNotFound", /The workspace '.*auditx' was not found/),
    );
  });

  test("has a workspace whose functions can be created, and not updated without their etag", async () => {
    const search = `${workspaceId()}/savedSearches/pgaudit${API}`;
    const properties = { category: "c", displayName: "d", query: "q", functionAlias: "PgAudit" };
    expect(await cloud.request("PUT", search, { properties })).toMatchObject({ status: 200 });
    expect(await cloud.request("PUT", search, { properties })).toMatchObject({ status: 409 });
    expect(await cloud.request("DELETE", search)).toMatchObject({ status: 200 });
    expect(await cloud.request("PUT", search, { properties })).toMatchObject({ status: 200 });
  });
});
