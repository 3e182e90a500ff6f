/**
 * The process of local Azure for the load test: the Resource Manager, a server with pgAudit, a storage account and the log
 * shipper, without a VM. The parent sends the names of actions, and receives `Ready`, then the name of each that is done.
 */
import * as fs from "node:fs";
import { logSources } from "../../local/azure/log-sources";
import { LogShipper } from "../../local/backends/log-shipper/log-shipper";
import { azuriteFiles } from "../../local/backends/storage-accounts";
import { runMain } from "../../common/run-main";
import { TestCloud } from "../../test/arm/support/cloud";
import {
  createServer,
  GROUP,
  PASSWORD,
  runSql,
  SERVER,
  serverId,
  setParameter,
} from "../../test/arm/support/flexible-server";
import { ACCOUNT, type Action, type Ready } from "./lab";

async function main(): Promise<void> {
  const cloud = await TestCloud.start();
  await prepare(cloud);
  const { storage, paths } = cloud.parts;
  const shipper = new LogShipper(
    () => logSources(cloud.parts),
    (problem) => console.error(`log shipper: ${problem}`),
  );
  shipper.start();
  const actions: Readonly<Record<Action, () => Promise<unknown>>> = {
    "stop Azurite": () => storage.close(),
    "start Azurite": () => storage.start(),
    close: async () => {
      await shipper.close();
      await cloud.close();
    },
  };
  process.on("message", (action: Action) => {
    void actions[action]().then(() => process.send?.(action));
  });
  const ready: Ready = {
    postgresPort: cloud.postgresPort,
    password: PASSWORD,
    blobPort: cloud.blobPort,
    accountKey: storage.accountKeys(ACCOUNT)[0],
    certificateAuthority: fs.readFileSync(paths.caCertificate, "utf8"),
    servers: paths.postgres,
    postgresBuilds: paths.postgresBuilds,
    pidFiles: {
      azurite: azuriteFiles(paths).pidFile,
      postgres: `${paths.postgres}/${SERVER}/postgres.pid`,
    },
  };
  process.send?.(ready);
}

/** A server whose trail goes to the account, with pgaudit.log=ALL. */
async function prepare(cloud: TestCloud): Promise<void> {
  await cloud.createGroup();
  await createServer(cloud);
  const account = `${cloud.group}/providers/Microsoft.Storage/storageAccounts/${ACCOUNT}`;
  await cloud.put(`${account}?api-version=2024-01-01`, {
    location: "westeurope",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  });
  await setParameter(cloud, "azure.extensions", "PGAUDIT");
  await setParameter(cloud, "shared_preload_libraries", "pgaudit");
  await cloud.postgresql.servers.beginRestartAndWait(GROUP, SERVER);
  await setParameter(cloud, "pgaudit.log", "ALL");
  await runSql(cloud, "CREATE EXTENSION pgaudit");
  const setting = `${serverId(cloud)}/providers/Microsoft.Insights/diagnosticSettings/logs`;
  await cloud.put(`${setting}?api-version=2021-05-01-preview`, {
    properties: {
      storageAccountId: account,
      logs: [{ category: "PostgreSQLLogs", enabled: true }],
    },
  });
}

runMain(main);
