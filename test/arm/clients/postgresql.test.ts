import { all, AT_ONCE, GROUP, restError } from "../support/clients";
import { DATABASE, PASSWORD, runSql, SERVER, testServer } from "../support/flexible-server";

const NEW_PASSWORD = `${PASSWORD}2`;

const cloud = testServer();

const failure = (error: Promise<unknown>) => expect(error).rejects;

describe("flexible servers", () => {
  test("are listed by group and by subscription", async () => {
    const byGroup = await all(cloud.postgresql.servers.listByResourceGroup(GROUP));
    expect(byGroup).toMatchObject([{ name: SERVER, state: "Ready" }]);
    expect(await all(cloud.postgresql.servers.listBySubscription())).toEqual(byGroup);
  });

  test("are changed by PATCH, and keep all else including their password", async () => {
    const before = await cloud.postgresql.servers.get(GROUP, SERVER);
    const changed = await cloud.postgresql.servers.beginUpdateAndWait(
      GROUP,
      SERVER,
      { tags: { owner: "me" }, backup: { backupRetentionDays: 14 } },
      AT_ONCE,
    );
    expect(changed).toMatchObject({
      tags: { owner: "me" },
      backup: { backupRetentionDays: 14 },
      sku: before.sku,
      storage: before.storage,
      administratorLogin: "pgadmin",
      fullyQualifiedDomainName: before.fullyQualifiedDomainName,
    });
    expect(await runSql(cloud, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("get a new password by PATCH, which is never shown", async () => {
    await cloud.postgresql.servers.beginUpdateAndWait(
      GROUP,
      SERVER,
      { administratorLoginPassword: NEW_PASSWORD },
      AT_ONCE,
    );
    expect(await runSql(cloud, "SELECT 1 AS one", NEW_PASSWORD)).toEqual([{ one: 1 }]);
    await failure(runSql(cloud, "SELECT 1")).toThrow(/password authentication/);
    expect(JSON.stringify(await cloud.postgresql.servers.get(GROUP, SERVER))).not.toContain(
      "Pass-word",
    );
  });

  test("refuse unsupported properties with a typed error", async () => {
    const update = (
      parameters: Parameters<typeof cloud.postgresql.servers.beginUpdateAndWait>[2],
    ) => cloud.postgresql.servers.beginUpdateAndWait(GROUP, SERVER, parameters, AT_ONCE);
    await failure(update({ cluster: { clusterSize: 2 } })).toEqual(
      restError(400, "InvalidRequestContent", /Unrecognized key: "cluster"/),
    );
    await failure(cloud.postgresql.servers.get(GROUP, "nowhere")).toEqual(
      restError(404, "ResourceNotFound", /flexibleServers\/nowhere/),
    );
    await failure(cloud.postgresql.servers.beginRestartAndWait(GROUP, "nowhere", AT_ONCE)).toEqual(
      restError(404, "ResourceNotFound"),
    );
  });

  test("have names that are free, taken or invalid", async () => {
    const type = "Microsoft.DBforPostgreSQL/flexibleServers";
    const { nameAvailability } = cloud.postgresql;
    expect(await nameAvailability.checkGlobally({ name: "another-server", type })).toMatchObject({
      nameAvailable: true,
    });
    expect(
      await nameAvailability.checkWithLocation("westeurope", { name: SERVER, type }),
    ).toMatchObject({ nameAvailable: false, reason: "AlreadyExists" });
    expect(await nameAvailability.checkGlobally({ name: "Bad_Name", type })).toMatchObject({
      nameAvailable: false,
      reason: "Invalid",
      message: expect.stringContaining("Bad_Name") as unknown,
    });
  });

  test("are restarted, stopped and started with the client's poller", async () => {
    await cloud.postgresql.servers.beginRestartAndWait(GROUP, SERVER, AT_ONCE);
    await cloud.postgresql.servers.beginStopAndWait(GROUP, SERVER, AT_ONCE);
    expect(await cloud.postgresql.servers.get(GROUP, SERVER)).toMatchObject({ state: "Stopped" });
    await cloud.postgresql.servers.beginStartAndWait(GROUP, SERVER, AT_ONCE);
    expect(await cloud.postgresql.servers.get(GROUP, SERVER)).toMatchObject({ state: "Ready" });
  });
});

describe("server parameters", () => {
  test("have several pages, which the client reads", async () => {
    const sizes = [];
    const names = new Set<string | undefined>();
    for await (const page of cloud.postgresql.configurations.listByServer(GROUP, SERVER).byPage()) {
      sizes.push(page.length);
      for (const { name } of page) names.add(name);
    }
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.slice(0, -1)).toEqual(sizes.slice(0, -1).map(() => 100));
    const total = sizes.reduce((sum, size) => sum + size);
    expect(names.size).toBe(total);
    expect([...names]).toEqual(expect.arrayContaining(["work_mem", "azure.extensions"]));
  });

  test("are written by PUT and by PATCH", async () => {
    const { configurations } = cloud.postgresql;
    const put = await configurations.beginPutAndWait(
      GROUP,
      SERVER,
      "work_mem",
      { value: "8192", source: "user-override" },
      AT_ONCE,
    );
    expect(put).toMatchObject({ value: "8192", source: "user-override" });
    const patched = await configurations.beginUpdateAndWait(
      GROUP,
      SERVER,
      "work_mem",
      { value: "16384", source: "user-override" },
      AT_ONCE,
    );
    expect(patched).toMatchObject({ name: "work_mem", value: "16384" });
    expect(await runSql(cloud, "SHOW work_mem", NEW_PASSWORD)).toEqual([{ work_mem: "16MB" }]);
  });

  test("that don't exist, or can't be deleted, cause typed errors", async () => {
    await failure(cloud.postgresql.configurations.get(GROUP, SERVER, "no_such")).toEqual(
      restError(404, "ResourceNotFound", /configurations\/no_such/),
    );
    await failure(cloud.postgresql.configurations.get(GROUP, "nowhere", "work_mem")).toEqual(
      restError(404, "ParentResourceNotFound", /flexibleServers\/nowhere/),
    );
    const path = `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SERVER}/configurations/work_mem`;
    const answer = await cloud.request("DELETE", `${path}?api-version=2025-08-01`);
    expect(answer.status).toBe(405);
    expect(JSON.stringify(answer.body)).toMatch(
      /no DELETE of Microsoft.DBforPostgreSQL\/flexibleServers\/configurations/,
    );
  });
});

describe("administrators of Microsoft Entra", () => {
  const OBJECT_ID = "22222222-2222-4222-8222-222222222222";
  const ann = { principalName: "ann@contoso.com", principalType: "User" };

  test("need Entra sign-in on the server, and are created, listed and deleted", async () => {
    const { administratorsMicrosoftEntra: administrators, servers } = cloud.postgresql;
    const add = (objectId = OBJECT_ID) =>
      administrators.beginCreateOrUpdateAndWait(GROUP, SERVER, objectId, ann, AT_ONCE);
    await failure(add()).toEqual(restError(400, "InvalidParameterValue", /isn't enabled/));
    const authConfig = { activeDirectoryAuth: "Enabled", passwordAuth: "Enabled", tenantId: "t" };
    await servers.beginUpdateAndWait(GROUP, SERVER, { authConfig }, AT_ONCE);
    await failure(add("ann")).toEqual(restError(400, "InvalidParameterValue", /no object id/));
    await add();
    expect(await administrators.get(GROUP, SERVER, OBJECT_ID)).toMatchObject({
      ...ann,
      objectId: OBJECT_ID,
    });
    expect(await all(administrators.listByServer(GROUP, SERVER))).toMatchObject([ann]);
    await administrators.beginDeleteAndWait(GROUP, SERVER, OBJECT_ID, AT_ONCE);
    expect(await all(administrators.listByServer(GROUP, SERVER))).toEqual([]);
  });
});

describe("databases and firewall rules", () => {
  test("are created, listed and deleted", async () => {
    const { databases, firewallRules } = cloud.postgresql;
    await databases.beginCreateAndWait(GROUP, SERVER, "second", { charset: "UTF8" }, AT_ONCE);
    const names = (await all(databases.listByServer(GROUP, SERVER))).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([DATABASE, "second"]));
    await databases.beginDeleteAndWait(GROUP, SERVER, "second", AT_ONCE);
    await failure(databases.get(GROUP, SERVER, "second")).toEqual(
      restError(404, "ResourceNotFound"),
    );
    const addresses = { startIpAddress: "192.0.2.1", endIpAddress: "192.0.2.9" };
    await firewallRules.beginCreateOrUpdateAndWait(GROUP, SERVER, "office", addresses, AT_ONCE);
    expect(await firewallRules.get(GROUP, SERVER, "office")).toMatchObject(addresses);
    expect(await all(firewallRules.listByServer(GROUP, SERVER))).toMatchObject([addresses]);
    await firewallRules.beginDeleteAndWait(GROUP, SERVER, "office", AT_ONCE);
    expect(await all(firewallRules.listByServer(GROUP, SERVER))).toEqual([]);
  });
});

test("the second of two overlapping writes is refused with a typed error", async () => {
  const write = (value: string) =>
    cloud.postgresql.configurations.beginPutAndWait(GROUP, SERVER, "work_mem", { value }, AT_ONCE);
  const [first, second] = await Promise.allSettled([write("4096"), write("8192")]);
  const refused = [first, second].flatMap((result) =>
    result.status === "rejected" ? [result.reason as unknown] : [],
  );
  expect(refused).toEqual([restError(409, "ServerIsBusy", new RegExp(SERVER))]);
});

test("a server is deleted with the client's poller", async () => {
  await cloud.postgresql.servers.beginDeleteAndWait(GROUP, SERVER, AT_ONCE);
  expect(await all(cloud.postgresql.servers.listBySubscription())).toEqual([]);
});
