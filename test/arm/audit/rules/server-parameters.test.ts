import { Decoder } from "../../../../audit/decode/decoder";
import { type Finding } from "../../../../audit/rules/finding";
import { Notables } from "../../../../audit/rules/notables";
import { PACK, readRules } from "../../../../audit/rules/rule-files";
import { pollUntil } from "../../../../common/poll";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { logSources } from "../../../../local/azure/log-sources";
import { LogShipper } from "../../../../local/backends/log-shipper/log-shipper";
import {
  GROUP,
  runSql,
  SERVER,
  serverId,
  setParameter,
  testServer,
} from "../../support/flexible-server";

const ACCOUNT = "labaccount";

const cloud = testServer();
let shipper: LogShipper;
const problems: string[] = [];

beforeAll(async () => {
  const storageAccountId = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/${ACCOUNT}`;
  await cloud.put(`${storageAccountId}?api-version=2024-01-01`, {
    location: "westeurope",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  });
  const setting = `${serverId(cloud)}/providers/Microsoft.Insights/diagnosticSettings/logs`;
  await cloud.put(`${setting}?api-version=2021-05-01-preview`, {
    properties: { storageAccountId, logs: [{ category: "PostgreSQLLogs", enabled: true }] },
  });
  shipper = new LogShipper(
    () => logSources(cloud.parts),
    (problem) => problems.push(problem),
  );
  shipper.start();
}, 60_000);
afterAll(() => shipper.close());

/** The delivered lines, in their order. */
async function trail(): Promise<string[]> {
  const container = cloud.parts.storage
    .client(ACCOUNT)
    .getContainerClient("insights-logs-postgresqllogs");
  const lines: string[] = [];
  if (!(await container.exists())) return lines;
  for await (const { name } of container.listBlobsFlat()) {
    const text = (await container.getBlobClient(name).downloadToBuffer()).toString();
    lines.push(...text.trimEnd().split("\n"));
  }
  return lines;
}

/** What the pack finds in the trail, as soon as it has a statement with this mark. */
async function findingsUntil(mark: string): Promise<readonly Finding[]> {
  await runSql(cloud, `SELECT * FROM "${mark}"`).catch(() => undefined);
  const lines = await pollUntil(
    async () => {
      const all = await trail();
      return all.some((line) => line.includes(`relation \\"${mark}\\" does not exist`))
        ? all
        : undefined;
    },
    { what: `a record of ${mark} (${problems.join("; ")})`, timeoutSeconds: 20 },
  );
  const notables = new Notables({ source: await readRules([PACK]) });
  const findings: Finding[] = [];
  notables.listen((finding) => findings.push(finding));
  const decoder = new Decoder();
  for (const line of lines) {
    for (const { record } of decoder.decode(Buffer.from(line), "PT1H.json", 0)) {
      if (record) notables.add(record);
    }
  }
  notables.end();
  return findings.filter(({ rule }) => rule === "Audit weakened by a server parameter");
}

const restart = () => cloud.postgresql.servers.beginRestartAndWait(GROUP, SERVER);

test("a set-up is not notable; what weakens the audit through Azure's API is", async () => {
  await setParameter(cloud, "azure.extensions", "PGAUDIT");
  await setParameter(cloud, "shared_preload_libraries", "pgaudit,pg_stat_statements");
  await setParameter(cloud, "log_line_prefix", LOG_LINE_PREFIX);
  await restart();
  await setParameter(cloud, "pgaudit.log", "WRITE,ROLE,DDL");
  await setParameter(cloud, "pgaudit.log_relation", "on");
  await runSql(cloud, "CREATE EXTENSION pgaudit");
  expect(await findingsUntil("after the set-up")).toEqual([]);

  await setParameter(cloud, "pgaudit.log", "NONE");
  await cloud.postgresql.configurations.beginPutAndWait(GROUP, SERVER, "log_line_prefix", {
    source: "system-default",
  });
  const weakened = await findingsUntil("after the change");
  expect(weakened).toEqual([
    expect.objectContaining({
      level: "high",
      server: SERVER,
      text: 'parameter "pgaudit.log" changed to "NONE"',
    }),
    expect.objectContaining({ text: 'parameter "log_line_prefix" changed to "%t-%c-"' }),
  ]);

  await setParameter(cloud, "shared_preload_libraries", "pg_stat_statements");
  await restart();
  await expect(runSql(cloud, "CREATE TABLE t()")).rejects.toThrow("pgaudit must be loaded");
  expect(await findingsUntil("after the restart")).toEqual([
    ...weakened,
    expect.objectContaining({
      text: "pgaudit must be loaded via shared_preload_libraries",
      user_name: null,
    }),
  ]);
}, 120_000);
