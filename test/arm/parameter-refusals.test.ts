import * as fs from "node:fs";
import * as path from "node:path";
import {
  GROUP,
  runSql,
  SERVER,
  serverId,
  setParameter,
  testServer,
} from "./support/flexible-server";

const cloud = testServer();

const parameter = (name: string) => cloud.postgresql.configurations.get(GROUP, SERVER, name);
const put = (name: string, properties: object) =>
  cloud.request("PUT", `${serverId(cloud)}/configurations/${name}?api-version=2025-08-01`, {
    properties,
  });

/** The files that a refused write must not change. */
const serverFiles = () =>
  ["parameters.conf", "pg_hba.conf", "../server.json"].map((name) =>
    fs.readFileSync(path.join(cloud.paths.postgres, SERVER, "data", name), "utf8"),
  );

describe("a value that Azure refuses", () => {
  const NOT_ALLOWED = "ServerParameterToCMSUnAllowedParameterValue";

  test.each([
    [
      "work_mem",
      "4095",
      /Value '4095' is invalid for server parameter 'work_mem'\. Allowed values are '4096-2097151'\./,
    ],
    ["work_mem", "64MB", /Allowed values are '4096-2097151'/],
    ["work_mem", "", /Value '' is invalid/],
    ["work_mem", "8192.5", /invalid/],
    ["random_page_cost", "-1", /invalid/],
    ["random_page_cost", "cheap", /invalid/],
    ["max_connections", "10", /Allowed values are '25-5000'/],
    ["log_lock_waits", "maybe", /Allowed values are 'on,off'/],
    ["pgaudit.log_level", "loud", /Allowed values are 'debug5,/],
    ["pgaudit.log", "read,-misc", /Allowed values are 'none,read,write,/],
    ["pgaudit.log", "", /invalid/],
    ["pgaudit.role", "auditor'; --", /invalid/],
    ["DateStyle", "nonsense", /ISO\|POSTGRES/],
    ["log_line_prefix", "it's", /invalid/],
    ["azure.extensions", "PGAUDIT,NONSENSE", /'PGAUDIT,NONSENSE' is invalid/],
    ["azure.extensions", "file_fdw", /invalid/],
    ["shared_preload_libraries", "pgaudit,rootkit", /Allowed values are 'age,anon,auto_explain,/],
    [
      "shared_preload_libraries",
      "pgaudit,timescaledb",
      /local Azure does not have timescaledb\. It has auto_explain, pg_cron/,
    ],
    ["session_preload_libraries", "pgextwlist", /Allowed values are 'login_hook'/],
    ["session_preload_libraries", "login_hook", /local Azure does not have login_hook/],
  ])("%s = %j is answered with 400 and changes nothing", async (name, value, message) => {
    const files = serverFiles();
    const before = await parameter(name);
    const refused = await put(name, { value, source: "user-override" });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: NOT_ALLOWED } } });
    await expect(setParameter(cloud, name, value)).rejects.toMatchObject({
      code: NOT_ALLOWED,
      message: expect.stringMatching(message) as unknown,
    });
    await nothingChanged(files);
    expect(await parameter(name)).toEqual(before);
  });

  test("a read-only parameter is accepted with 202, and the operation fails", async () => {
    const files = serverFiles();
    const accepted = await put("log_replication_commands", {
      value: "off",
      source: "user-override",
    });
    expect(accepted.status).toBe(202);
    expect((await cloud.finish(accepted)).body).toMatchObject({
      status: "Failed",
      error: { code: "OperationFailed", message: expect.stringContaining("read-only") as unknown },
    });
    await nothingChanged(files);
    expect(await runSql(cloud, "SHOW log_replication_commands")).toEqual([
      { log_replication_commands: "on" },
    ]);
  });

  test("the error for an unknown parameter contains its name and the server's version", async () => {
    const files = serverFiles();
    await expect(setParameter(cloud, "no_such_parameter", "1")).rejects.toMatchObject({
      statusCode: 400,
      code: "InvalidParameterName",
      message: "The configuration 'no_such_parameter' does not exist for the server version 15.",
    });
    await expect(parameter("no_such_parameter")).rejects.toMatchObject({ statusCode: 404 });
    await nothingChanged(files);
  });

  test("a value that only PostgreSQL can check fails with PostgreSQL's reason", async () => {
    const files = serverFiles();
    await expect(setParameter(cloud, "TimeZone", "Middle/Earth")).rejects.toThrow(
      /Invalid value given for parameter configurationValue.*TimeZone = 'Middle\/Earth': setting could not be applied/,
    );
    await nothingChanged(files);
  });

  async function nothingChanged(files: readonly string[]): Promise<void> {
    expect(serverFiles()).toEqual(files);
    expect(await runSql(cloud, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Ready");
  }
});
