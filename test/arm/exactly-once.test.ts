import { runningPid } from "../../common/child-process";
import { pollUntil } from "../../common/poll";
import { logSources } from "../../local/azure/log-sources";
import { ShippedLog } from "../../local/backends/log-shipper/log-shipper";
import { azuriteFiles, StorageBackend } from "../../local/backends/storage-accounts";
import { ensureServerCertificate } from "../../local/tls/certificate-authority";
import { parseHourBlob } from "../../audit/sources/hours";
import { runSql, serverId, testServer } from "./support/flexible-server";

const cloud = testServer();
const BLOCKS = 4;
const problems: string[] = [];
let shipper: ShippedLog;
/** The messages of PostgreSQL that this test wrote, in their order. */
const written: string[] = [];

const start = () => new ShippedLog((problem) => problems.push(problem));

beforeAll(async () => {
  const id = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/labaccount`;
  await cloud.put(`${id}?api-version=2024-01-01`, {
    location: "westeurope",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  });
  const setting = `${serverId(cloud)}/providers/Microsoft.Insights/diagnosticSettings/logs`;
  await cloud.put(`${setting}?api-version=2021-05-01-preview`, {
    properties: { storageAccountId: id, logs: [{ category: "PostgreSQLLogs", enabled: true }] },
  });
  shipper = start();
}, 60_000);

async function write(message: string): Promise<void> {
  const text = `line ${written.length} ${message}`;
  written.push(text);
  await runSql(cloud, `DO $$ BEGIN RAISE LOG '${text}'; END $$`);
}

/** Ships until all lines are in the blobs; PostgreSQL writes a line to its log a moment after the statement. */
async function shipAll(): Promise<void> {
  await pollUntil(
    async () => {
      for (const source of logSources(cloud.parts)) await shipper.ship(source);
      return (await shipped()).length >= written.length;
    },
    { what: "the lines to be shipped", timeoutSeconds: 20 },
  );
}

const container = () =>
  cloud.parts.storage.client("labaccount").getContainerClient("insights-logs-postgresqllogs");

/** The messages of this test in all blobs, in the order of the hours. */
async function shipped(): Promise<string[]> {
  const found = [];
  if (!(await container().exists())) return [];
  for await (const { name } of container().listBlobsFlat()) {
    // The reader knows the name.
    expect(parseHourBlob(name)).toBeDefined();
    const text = (await container().getBlobClient(name).downloadToBuffer()).toString();
    for (const line of text.split("\n").filter((each) => each !== "")) {
      const { properties } = JSON.parse(line) as { properties: { message: string } };
      const [, message] = /LOG: {2}(line \d+ [^"]*)$/.exec(properties.message) ?? [];
      if (message !== undefined) found.push(message);
    }
  }
  return found;
}

async function killStorage(): Promise<void> {
  const { pidFile } = azuriteFiles(cloud.paths);
  process.kill(runningPid(pidFile) ?? 0, "SIGKILL");
  await pollUntil(() => runningPid(pidFile) === undefined, {
    what: "Azurite to end",
    timeoutSeconds: 10,
  });
  await cloud.parts.storage.start();
}

test("lines that Azurite had confirmed and lost when it was killed are in the blobs again", async () => {
  for (const message of ["one", "two"]) {
    await write(message);
    await shipAll();
  }
  await killStorage();
  expect((await shipped()).length).toBeLessThan(written.length);
  await write("three");
  await shipAll();
  expect(await shipped()).toEqual(written);
  expect(problems.join()).toMatch(/the storage lost its last \d+ bytes; they are written again/);
});

test("an entry of 5 MB, longer than an append, is complete and there once, also after Azurite was killed", async () => {
  await write("x".repeat(5_000_000));
  await shipAll();
  await killStorage();
  // Another process of local Azure.
  shipper = start();
  await write("after");
  await shipAll();
  expect((await shipped()).map((line) => line.length)).toEqual(written.map((line) => line.length));
});

test("a blob with as many blocks as it may have is continued in the next hour's, and no line is lost", async () => {
  await cloud.parts.storage.close();
  const names = ["*.postgres.database.azure.com", "*.blob.core.windows.net"];
  cloud.parts.storage = new StorageBackend({
    paths: cloud.paths,
    port: cloud.blobPort,
    tls: await ensureServerCertificate(cloud.paths, "backends", names),
    blocksPerAppendBlob: BLOCKS,
  });
  await cloud.parts.storage.start();
  for (const message of ["four", "five"]) {
    await write(message);
    await shipAll();
  }
  expect((await shipped()).map((line) => line.slice(0, 20))).toEqual(
    written.map((line) => line.slice(0, 20)),
  );
  expect(problems.join()).toMatch(/takes no more appends; its lines continue in /);
});
