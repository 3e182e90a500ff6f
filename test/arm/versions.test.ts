import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../common/poll";
import { MAJOR_VERSIONS } from "../../local/backends/postgres/server-build";
import { testCloud } from "./support/cloud";
import {
  DATABASE,
  GROUP,
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

  test("shows the values that the server runs with", async () => {
    expect(await runSql(cloud, "SHOW log_connections")).toEqual([{ log_connections: "on" }]);
    const listed = new Map<string, string | undefined>();
    for await (const one of cloud.postgresql.configurations.listByServer(GROUP, SERVER)) {
      listed.set(one.name ?? "", one.value);
    }
    const preloaded = version === "17" ? "pg_stat_statements" : "pg_cron,pg_stat_statements";
    expect(listed.get("shared_preload_libraries")).toBe(preloaded);
    expect(listed.get("max_connections")).toBe("50");
    expect(listed.size).toBeGreaterThan(380);
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
