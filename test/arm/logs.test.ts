import { type ContainerClient } from "@azure/storage-blob";
import * as fs from "node:fs";
import * as path from "node:path";
import { Timing } from "../../local/arm/timing";
import { logSources } from "../../local/azure/log-sources";
import { LogShipper, type LogSource } from "../../local/backends/log-shipper/log-shipper";
import { pollUntil } from "../../common/poll";
import { testCloud } from "./support/cloud";
import {
  GROUP,
  createServer,
  runSql,
  SERVER,
  serverId,
  setParameter,
} from "./support/flexible-server";

const API = "api-version=2021-05-01-preview";

const cloud = testCloud();
let shipper: LogShipper;
const problems: string[] = [];

beforeAll(async () => {
  await createAccount("labaccount");
  await createServer(cloud);
  shipper = new LogShipper(
    () => logSources(cloud.parts),
    (problem) => problems.push(problem),
  );
  shipper.start();
}, 60_000);
afterAll(() => shipper.close());

const accountId = (name = "labaccount") =>
  `${cloud.group}/providers/Microsoft.Storage/storageAccounts/${name}`;
const createAccount = (name: string) =>
  cloud.put(`${accountId(name)}?api-version=2024-01-01`, {
    location: "westeurope",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  });
const settingPath = (name = "logs") =>
  `${serverId(cloud)}/providers/Microsoft.Insights/diagnosticSettings/${name}?${API}`;
const setting = (category = "PostgreSQLLogs", account = "labaccount") => ({
  properties: { storageAccountId: accountId(account), logs: [{ category, enabled: true }] },
});

interface LogRecord {
  readonly properties: { readonly message: string; readonly backend_type?: string };
  readonly time: string;
  readonly resourceId: string;
  readonly category: string;
}

const container = (account = "labaccount"): ContainerClient =>
  cloud.parts.storage.client(account).getContainerClient("insights-logs-postgresqllogs");

/** All records in the container, with the names of their blobs. */
async function records(account = "labaccount"): Promise<{ blob: string; record: LogRecord }[]> {
  const found = [];
  if (!(await container(account).exists())) return [];
  for await (const { name } of container(account).listBlobsFlat()) {
    const text = (await container(account).getBlobClient(name).downloadToBuffer()).toString();
    for (const line of text.split("\n").filter((each) => each !== "")) {
      found.push({ blob: name, record: JSON.parse(line) as LogRecord });
    }
  }
  return found;
}

/** Whether the shipper has skipped a line with these words in the last log file. */
function hasPassed({ logFolder, stateFile }: LogSource, words: string): boolean {
  const files = fs.readdirSync(logFolder).filter((name) => name.endsWith(".json"));
  const file = files.sort().at(-1) ?? "";
  const log = fs.readFileSync(path.join(logFolder, file));
  const { shipped, steps } = JSON.parse(fs.readFileSync(stateFile, "utf8")) as {
    shipped?: { file: string; offset: number };
    steps: { position: { file: string; offset: number } }[];
  };
  const position = steps.at(-1)?.position ?? shipped;
  return position?.file === file && log.subarray(0, position.offset).includes(words);
}

/** Waits for the record whose message contains these words. */
const recordOf = (words: string, account = "labaccount") =>
  pollUntil(
    async () =>
      (await records(account)).find(({ record }) => record.properties.message.includes(words)),
    {
      what: `a record with "${words}" (${problems.join("; ")})`,
      timeoutSeconds: 20,
    },
  );

describe("a diagnostic setting", () => {
  test.each([
    ["an unknown category", () => setting("EverythingLogs"), "BadRequest"],
    [
      "an unknown group of categories",
      () => ({
        properties: {
          ...setting().properties,
          logs: [{ categoryGroup: "everything", enabled: true }],
        },
      }),
      "BadRequest",
    ],
    [
      "a category and a group",
      () => ({
        properties: {
          ...setting().properties,
          logs: [
            { category: "PostgreSQLLogs", enabled: true },
            { categoryGroup: "audit", enabled: true },
          ],
        },
      }),
      "BadRequest",
    ],
    [
      "a log without its category",
      () => ({ properties: { ...setting().properties, logs: [{ enabled: true }] } }),
      "BadRequest",
    ],
    [
      "a storage account that doesn't exist",
      () => ({ properties: { ...setting().properties, storageAccountId: `${accountId()}2` } }),
      "ResourceNotFound",
    ],
  ])("is refused: %s", async (_, body, code) => {
    expect((await cloud.put(settingPath(), body())).body).toMatchObject({ error: { code } });
  });

  test("is created for the server, and accepts a second PUT", async () => {
    const put = await cloud.put(settingPath(), setting());
    expect(put.body).toMatchObject({ name: "logs", type: "Microsoft.Insights/diagnosticSettings" });
    expect((await cloud.put(settingPath(), setting())).status).toBe(200);
  });

  test("conflicts with a second one that has the same sink and category", async () => {
    const { status, body } = await cloud.put(settingPath("more"), setting());
    expect(status).toBe(409);
    // Azure doesn't wrap it in `error`.
    expect(body).toEqual({
      code: "Conflict",
      message: expect.stringMatching(/already used in .*'logs'/) as unknown,
    });
    const other = await cloud.put(settingPath("more"), setting("PostgreSQLFlexSessions"));
    expect(other.status).toBe(200);
  });

  test("is listed with the other settings of its resource", async () => {
    const path = `${serverId(cloud)}/providers/Microsoft.Insights/diagnosticSettings?${API}`;
    const { body } = await cloud.request("GET", path);
    const names = (body as { value: { name: string }[] }).value.map(({ name }) => name);
    expect(names.sort()).toEqual(["logs", "more"]);
  });
});

test("in the profile azure, a new setting delivers nothing for 90 minutes", async () => {
  const containers = (timing: Timing) => logSources({ ...cloud.parts, timing })[0]?.containers();
  expect(await containers(new Timing({ profile: "azure" }))).toBe("not yet");
  expect(await containers(new Timing({ profile: "azure", timeScale: 1e9 }))).toBeInstanceOf(Map);
});

describe("lines of the server's log", () => {
  test("are written to an append blob of their hour, in Azure's format", async () => {
    await setParameter(cloud, "log_statement", "all");
    const before = Date.now();
    await runSql(cloud, "SELECT 'first line'");
    const { blob, record } = await recordOf("SELECT 'first line'");
    const [day = "", time = ""] = record.time.split("T");
    const [year, month, date] = day.split("-");
    expect(blob).toBe(
      `resourceId=${serverId(cloud).toUpperCase()}/y=${year}/m=${month}/d=${date}/h=${time.slice(0, 2)}/m=00/PT1H.json`,
    );
    expect(Math.abs(Date.parse(record.time) - before)).toBeLessThan(60_000);
    expect(record).toEqual({
      properties: {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/) as unknown,
        processId: expect.any(Number) as unknown,
        errorLevel: "LOG",
        sqlerrcode: "00000",
        message: expect.stringMatching(
          /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC-[0-9a-f]+\.[0-9a-f]+-LOG: {2}statement: SELECT 'first line'$/,
        ) as unknown,
        backend_type: "client backend",
      },
      time: record.time,
      resourceId: serverId(cloud).toUpperCase(),
      location: "westeurope",
      category: "PostgreSQLLogs",
      operationName: "LogEvent",
    });
    const { blobType } = await container().getBlobClient(blob).getProperties();
    expect(blobType).toBe("AppendBlob");
  });

  test("have the original workshop's prefix after it is set", async () => {
    await setParameter(cloud, "log_line_prefix", "%t %p %l-1 db-%d,user-%u,app-%a,client-%h ");
    await runSql(cloud, "SELECT 'with prefix'");
    const { record } = await recordOf("SELECT 'with prefix'");
    expect(record.properties.message).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \d+ \d+-1 db-pgbench,user-pgadmin,app-psql,client-127\.0\.0\.1 LOG: {2}statement: SELECT 'with prefix'$/,
    );
  });

  test("are written once each, in order", async () => {
    for (let number = 1; number <= 20; number++) await runSql(cloud, `SELECT 'number ${number}'`);
    await recordOf("SELECT 'number 20'");
    const numbers = (await records()).flatMap(({ record }) => {
      const match = /statement: SELECT 'number (\d+)'/.exec(record.properties.message);
      return match ? [Number(match[1])] : [];
    });
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test("are written to every account of a setting", async () => {
    await createAccount("secondaccount");
    const second = setting("PostgreSQLLogs", "secondaccount");
    expect((await cloud.put(settingPath("second"), second)).status).toBe(200);
    await runSql(cloud, "SELECT 'for both'");
    await recordOf("SELECT 'for both'", "secondaccount");
    await recordOf("SELECT 'for both'");
    // A new setting applies only to new lines.
    expect(JSON.stringify(await records("secondaccount"))).not.toContain("'number 1'");
    await cloud.request("DELETE", `${accountId("secondaccount")}?api-version=2024-01-01`);
    await runSql(cloud, "SELECT 'for one'");
    await recordOf("SELECT 'for one'");
    expect((await cloud.request("DELETE", settingPath("second"))).status).toBe(200);
  });

  test("are dropped while there is no setting", async () => {
    await cloud.request("DELETE", settingPath());
    await runSql(cloud, "SELECT 'unseen'");
    await pollUntil(() => logSources(cloud.parts).every((source) => hasPassed(source, "unseen")), {
      what: "the shipper to skip the line",
      timeoutSeconds: 20,
    });
    await cloud.put(settingPath(), setting());
    await runSql(cloud, "SELECT 'seen again'");
    await recordOf("SELECT 'seen again'");
    expect(JSON.stringify(await records())).not.toContain("unseen");
  });
});

test("the setting outlives its server, and conflicts with that of the next one", async () => {
  await cloud.postgresql.servers.beginDeleteAndWait(GROUP, SERVER);
  expect((await cloud.request("GET", settingPath())).status).toBe(200);
  cloud.passDays();
  await createServer(cloud);
  expect((await cloud.put(settingPath("next"), setting())).status).toBe(409);
  expect((await cloud.request("DELETE", settingPath())).status).toBe(200);
  expect((await cloud.put(settingPath("next"), setting())).status).toBe(200);
  expect(problems).toEqual([]);
});
