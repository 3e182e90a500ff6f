import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { columnOf, freeAddress } from "../../local/backends/loopback-addresses";
import { ServerRecords } from "../../local/backends/postgres/server-record";
import { GROUP, runSql, SERVER, serverBody, testServer } from "./support/flexible-server";

const cloud = testServer();
const AZURES = ["azure_maintenance", "azure_sys", "postgres"];
const ALL = [...AZURES, "pgbench"].sort();

const create = (name: string) =>
  cloud.postgresql.databases.beginCreateAndWait(GROUP, SERVER, name, {});
const remove = (name: string) => cloud.postgresql.databases.beginDeleteAndWait(GROUP, SERVER, name);
const get = (name: string) => cloud.postgresql.databases.get(GROUP, SERVER, name);

async function listed(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of cloud.postgresql.databases.listByServer(GROUP, SERVER)) {
    names.push(name ?? "");
  }
  return names.sort();
}

test.each([...AZURES, "template0", "template1", "é".repeat(32)])(
  "%s is neither created, shown nor dropped by name",
  async (name) => {
    const refusal = { statusCode: 400, code: "InvalidParameterValue" };
    await expect(create(name)).rejects.toMatchObject(refusal);
    await expect(get(name)).rejects.toMatchObject(refusal);
    await expect(remove(name)).rejects.toMatchObject(refusal);
    expect(await listed()).toEqual(ALL);
  },
);

test("a name of 63 bytes is", async () => {
  const name = "d".repeat(63);
  await create(name);
  await remove(name);
});

test("what SQL creates and drops is shown, listed and dropped as well", async () => {
  await runSql(cloud, 'CREATE DATABASE "By SQL"');
  expect(await listed()).toEqual(["By SQL", ...ALL]);
  expect(await get("By SQL")).toMatchObject({ name: "By SQL", charset: "UTF8" });
  await remove("By SQL");
  await expect(runSql(cloud, "SELECT datname FROM pg_database")).resolves.not.toContainEqual({
    datname: "By SQL",
  });
  await create("by_api");
  await runSql(cloud, "DROP DATABASE by_api");
  await expect(get("by_api")).rejects.toMatchObject({ statusCode: 404, code: "ResourceNotFound" });
  await create("by_api");
  expect(await listed()).toContain("by_api");
});

test("a server that can't be created leaves neither files nor a password", async () => {
  const files = () => [
    ...fs.readdirSync(cloud.paths.postgres),
    ...fs.readdirSync(cloud.paths.secrets).filter((name) => name.includes("superuser")),
  ];
  const before = files();
  const used = [...new ServerRecords(cloud.paths.postgres).states().values()];
  const taken = net.createServer((socket) => socket.destroy());
  const address = freeAddress(columnOf("127.0.0.1"), new Set(used.map(({ address }) => address)));
  await new Promise<void>((resolve) => taken.listen(cloud.postgresPort, address, resolve));
  const createAnother = () =>
    cloud.postgresql.servers.beginCreateOrUpdateAndWait(GROUP, "another", serverBody());
  await expect(createAnother()).rejects.toThrow(/could not create any TCP/);
  expect(files()).toEqual(before);
  expect(fs.existsSync(path.join(cloud.paths.postgres, "another"))).toBe(false);
  await new Promise((resolve) => taken.close(resolve));
  await createAnother();
}, 120_000);

test("the server is deleted with its databases, although it doesn't run", async () => {
  await cloud.parts.servers.endProcess(SERVER);
  await cloud.postgresql.servers.beginDeleteAndWait(GROUP, SERVER);
  expect(cloud.parts.servers.names()).toEqual(["another"]);
});
