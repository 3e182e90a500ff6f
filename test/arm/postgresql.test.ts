import { testCloud } from "./support/cloud";
import {
  DATABASE,
  GROUP,
  createServer,
  runSql,
  SERVER,
  serverId,
  setParameter,
  startServerScript,
} from "./support/flexible-server";

const cloud = testCloud();

const parameter = (name: string) => cloud.postgresql.configurations.get(GROUP, SERVER, name);
const parameterPath = (name: string) =>
  `${serverId(cloud)}/configurations/${name}?api-version=2025-08-01`;

const restartIfPending = async () => (await startServerScript(cloud, "restart-if-pending")).stdout;

describe("a flexible server, used with Microsoft's client", () => {
  test("is created by a long-running operation, and shows no password", async () => {
    const server = await createServer(cloud);
    expect(server).toMatchObject({
      name: SERVER,
      state: "Ready",
      version: "15",
      administratorLogin: "pgadmin",
      fullyQualifiedDomainName: `${SERVER}.postgres.database.azure.com`,
    });
    expect(JSON.stringify(server)).not.toContain("Pass");
  });

  test("accepts its administrator, who is no superuser, over verified TLS", async () => {
    const rows = await runSql(
      cloud,
      "SELECT current_database() AS db, rolsuper AS super FROM pg_roles WHERE rolname = current_user",
    );
    expect(rows).toEqual([{ db: DATABASE, super: false }]);
    await expect(runSql(cloud, "SELECT 1", "guess")).rejects.toThrow(/password authentication/);
  });

  test("has Azure's defaults instead of PostgreSQL's", async () => {
    expect(await parameter("shared_preload_libraries")).toMatchObject({
      value: "pg_cron,pg_stat_statements",
      source: "system-default",
      isDynamicConfig: false,
      isConfigPendingRestart: false,
    });
    expect(await parameter("log_line_prefix")).toMatchObject({ value: "%t-%c-" });
    expect(await parameter("pgaudit.log")).toMatchObject({ value: "none", isDynamicConfig: true });
  });

  test("refuses another version and another administrator", async () => {
    const put = (name: string, changes: object) =>
      cloud.postgresql.servers.beginCreateOrUpdateAndWait(GROUP, name, {
        location: "westeurope",
        sku: { name: "Standard_B1ms", tier: "Burstable" },
        version: "15",
        administratorLogin: "pgadmin",
        administratorLoginPassword: "Pass-word~of.1_admin",
        ...changes,
      });
    for (const version of ["16", "17"]) {
      await expect(put(SERVER, { version })).rejects.toMatchObject({ code: "ParameterOutOfRange" });
    }
    await expect(put(SERVER, { administratorLogin: "dba" })).rejects.toMatchObject({
      code: "InvalidParameterValue",
    });
    await expect(put("Bad_Name", {})).rejects.toMatchObject({ code: "InvalidServerName" });
  });

  test("answers the second of two overlapping writes with ServerIsBusy", async () => {
    const write = (name: string, value: string) =>
      cloud.request("PUT", parameterPath(name), { properties: { value } });
    const [first, second] = await Promise.all([
      write("log_duration", "on"),
      write("log_lock_waits", "on"),
    ]);
    expect([first.status, second.status].sort()).toEqual([202, 409]);
    const refused = first.status === 409 ? first : second;
    expect(refused.body).toMatchObject({
      error: { code: "ServerIsBusy", message: expect.stringContaining(SERVER) as unknown },
    });
    await cloud.finish(first);
    await cloud.finish(second);
    expect(
      (await cloud.put(parameterPath("log_lock_waits"), { properties: { value: "on" } })).body,
    ).toMatchObject({ status: "Succeeded" });
  });
});

describe("pgAudit needs the same steps as on Azure", () => {
  const create = () => runSql(cloud, "CREATE EXTENSION IF NOT EXISTS pgaudit");

  test("the extension can't be created before azure.extensions allows it", async () => {
    await expect(create()).rejects.toThrow(/permission denied to create extension "pgaudit"/);
    await expect(setParameter(cloud, "azure.extensions", "PGAUDIT,NONSENSE")).rejects.toThrow(
      /Value 'PGAUDIT,NONSENSE' is invalid/,
    );
    expect(await setParameter(cloud, "azure.extensions", "PGAUDIT")).toMatchObject({
      value: "PGAUDIT",
      source: "user-override",
    });
  });

  test("the extension can't be created before the library is loaded", async () => {
    await expect(create()).rejects.toThrow(/pgaudit must be loaded via shared_preload_libraries/);
    await setParameter(cloud, "shared_preload_libraries", "pg_cron,pg_stat_statements,pgaudit");
    await expect(create()).rejects.toThrow(/pgaudit must be loaded via shared_preload_libraries/);
  });

  test("a static parameter waits for the restart, and a dynamic one doesn't", async () => {
    await setParameter(cloud, "max_connections", "60");
    await setParameter(cloud, "work_mem", "8192");
    expect(await parameter("shared_preload_libraries")).toMatchObject({
      value: "pg_cron,pg_stat_statements,pgaudit",
      isConfigPendingRestart: true,
    });
    expect(await parameter("max_connections")).toMatchObject({
      value: "60",
      isConfigPendingRestart: true,
    });
    expect(await parameter("work_mem")).toMatchObject({
      value: "8192",
      isConfigPendingRestart: false,
    });
    expect(await runSql(cloud, "SHOW max_connections")).toEqual([{ max_connections: "50" }]);
  });

  test("restart-if-pending restarts the server once, and not again", async () => {
    expect(await restartIfPending()).toMatch(
      /Restarting the server for shared_preload_libraries, max_connections\.\n.*nothing is pending/,
    );
    expect(await runSql(cloud, "SHOW max_connections")).toEqual([{ max_connections: "60" }]);
    expect(await restartIfPending()).toBe("No parameter is pending a restart.");
  });

  test("then the extension can be created", async () => {
    await create();
    const rows = await runSql(cloud, "SELECT extname FROM pg_extension WHERE extname = 'pgaudit'");
    expect(rows).toEqual([{ extname: "pgaudit" }]);
    await setParameter(cloud, "pgaudit.log", "ALL");
    expect(await runSql(cloud, "SHOW pgaudit.log")).toEqual([{ "pgaudit.log": "ALL" }]);
  });
});

describe("a server's life cycle", () => {
  test("a stopped server refuses a restart, and a started one has all of its parameters", async () => {
    await cloud.postgresql.servers.beginStopAndWait(GROUP, SERVER);
    expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Stopped");
    await expect(cloud.postgresql.servers.beginRestartAndWait(GROUP, SERVER)).rejects.toThrow(
      /ServerIsNotReady.*Current Server State = Stopped/,
    );
    await cloud.postgresql.servers.beginStartAndWait(GROUP, SERVER);
    expect(await runSql(cloud, "SHOW work_mem")).toEqual([{ work_mem: "8MB" }]);
  });

  test("deleting the group ends the server and deletes its files", async () => {
    await cloud.deleteGroup();
    cloud.passDays();
    await expect(runSql(cloud, "SELECT 1")).rejects.toThrow(/ECONNREFUSED/);
    await cloud.createGroup();
    await expect(cloud.postgresql.servers.get(GROUP, SERVER)).rejects.toMatchObject({
      statusCode: 404,
    });
    await createServer(cloud);
    await expect(runSql(cloud, "SHOW work_mem")).resolves.toEqual([{ work_mem: "4MB" }]);
  });
});
