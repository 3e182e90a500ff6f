import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../common/poll";
import { OWN_DEFAULTS, OWN_VALUES } from "../../local/backends/postgres/parameters/server-files";
import { MAJOR_VERSIONS } from "../../local/backends/postgres/server-build";
import { testCloud } from "./support/cloud";
import {
  DATABASE,
  GROUP,
  runningValues,
  runSql,
  SERVER,
  serverBody,
  setParameter,
  startServerScript,
} from "./support/flexible-server";

/** A version may have to be downloaded first. */
jest.setTimeout(10 * 60_000);

const cloud = testCloud();

/** The server's log, which the log shipper reads. */
function messages(): string[] {
  const folder = cloud.parts.servers.logFolder(SERVER);
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => fs.readFileSync(path.join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { message: string }).message);
}

function isRunningValue(name: string, azure: string, running: string): boolean {
  // PostgreSQL 15 shows the method; Azure shows on, as in earlier versions. server_version ends with Debian's version.
  if (name === "wal_compression" && azure === "on") return running === "pglz";
  if (name === "server_version") return running.startsWith(`${azure} `);
  if (name.endsWith("_permissions") || name.endsWith("_mode")) {
    return azure === running || parseInt(azure, 8) === Number(running);
  }
  return (
    azure.toLowerCase() === running.toLowerCase() ||
    (azure !== "" && Number(azure) === Number(running))
  );
}

describe.each(MAJOR_VERSIONS)("PostgreSQL %s", (version) => {
  afterAll(async () => {
    await cloud.postgresql.servers.beginDeleteAndWait(GROUP, SERVER);
    cloud.passDays();
  });

  test("is created as that version", async () => {
    const body = { ...serverBody(), version };
    expect(
      await cloud.postgresql.servers.beginCreateOrUpdateAndWait(GROUP, SERVER, body),
    ).toMatchObject({
      version,
    });
    await cloud.postgresql.databases.beginCreateAndWait(GROUP, SERVER, DATABASE, {
      charset: "UTF8",
      collation: "en_US.utf8",
    });
    expect(await runSql(cloud, "SHOW server_version")).toEqual([
      { server_version: expect.stringMatching(new RegExp(`^${version}\\.`)) as unknown },
    ]);
    const { documentationLink } = await cloud.postgresql.configurations.get(
      GROUP,
      SERVER,
      "work_mem",
    );
    expect(documentationLink).toContain(`/docs/${version}/`);
  });

  test("has Azure's defaults, and runs with them except the few that local Azure chooses", async () => {
    const running = await runningValues(cloud);
    const different = [];
    let compared = 0;
    for await (const one of cloud.postgresql.configurations.listByServer(GROUP, SERVER)) {
      const { name = "", value = "" } = one;
      const own = running.get(name);
      if (own === undefined || name in OWN_VALUES || name in OWN_DEFAULTS) continue;
      compared += 1;
      if (!isRunningValue(name, value, own)) different.push({ name, value, own });
    }
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(325);
  });

  test("audits after allow-list, preload and restart, as on Azure", async () => {
    await expect(runSql(cloud, "CREATE EXTENSION pgaudit")).rejects.toThrow("permission denied");
    await setParameter(cloud, "azure.extensions", "PGAUDIT");
    await setParameter(cloud, "shared_preload_libraries", "pg_cron,pg_stat_statements,pgaudit");
    await expect(runSql(cloud, "CREATE EXTENSION pgaudit")).rejects.toThrow(
      "pgaudit must be loaded via shared_preload_libraries",
    );
    await startServerScript(cloud, "restart-if-pending");
    await runSql(cloud, "CREATE EXTENSION pgaudit");
    await setParameter(cloud, "pgaudit.log", "ALL");
    await runSql(cloud, "CREATE TABLE audited(id int)");
    const record =
      "AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,public.audited,CREATE TABLE audited(id int),<not logged>";
    await pollUntil(() => messages().includes(record), {
      what: `the record of the statement in the log of PostgreSQL ${version}`,
      timeoutSeconds: 20,
    });
  });
});
