import { type Configuration } from "@azure/arm-postgresql-flexible";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  connection,
  GROUP,
  PASSWORD,
  runningValues,
  runSql,
  SERVER,
  setParameter,
  testServer,
} from "./support/flexible-server";

const cloud = testServer();
let listed: ReadonlyMap<string, Configuration>;

async function list(): Promise<Map<string, Configuration>> {
  const all = new Map<string, Configuration>();
  for await (const one of cloud.postgresql.configurations.listByServer(GROUP, SERVER)) {
    all.set(one.name ?? "", one);
  }
  return all;
}

beforeAll(async () => {
  listed = await list();
});

const parameter = (name: string) => cloud.postgresql.configurations.get(GROUP, SERVER, name);
const reset = (name: string) =>
  cloud.postgresql.configurations.beginPutAndWait(GROUP, SERVER, name, {
    source: "system-default",
  });
const restart = () => cloud.postgresql.servers.beginRestartAndWait(GROUP, SERVER);

/** The server's configuration files. */
const serverFiles = () =>
  ["parameters.conf", "pg_hba.conf"].map((name) =>
    fs.readFileSync(path.join(cloud.paths.postgres, SERVER, "data", name), "utf8"),
  );

describe("the list of server parameters", () => {
  test.each([
    // Rows of Azure's tables of PostgreSQL 15.
    ["autovacuum_vacuum_cost_delay", "2", "Integer", "-1-100", "dynamic"],
    [
      "client_min_messages",
      "notice",
      "Enumeration",
      "debug5,debug4,debug3,debug2,debug1,log,notice,warning,error",
      "dynamic",
    ],
    ["DateStyle", "ISO, MDY", "String", "(ISO|POSTGRES|SQL|GERMAN)(, (DMY|MDY|YMD))?", "dynamic"],
    ["search_path", '"$user", public', "String", '[A-Za-z0-9."$,_ -]+', "dynamic"],
    ["log_connections", "on", "Boolean", "on,off", "dynamic"],
    ["log_disconnections", "on", "Boolean", "on,off", "dynamic"],
    ["log_parameter_max_length", "-1", "Integer", "-1-1073741823", "dynamic"],
    ["log_statement_sample_rate", "1", "Numeric", "0-1", "dynamic"],
    ["log_timezone", "UTC", "String", "UTC", "read-only"],
    ["pgaudit.log_rows", "off", "Boolean", "on,off", "dynamic"],
    ["pgaudit.log_statement", "on", "Boolean", "on,off", "dynamic"],
    ["log_line_prefix", "%t-%c-", "String", "[^']*", "dynamic"],
    ["log_destination", "stderr", "Enumeration", "stderr,csvlog", "dynamic"],
    ["work_mem", "4096", "Integer", "4096-2097151", "dynamic"],
    ["max_wal_senders", "10", "Integer", "5-100", "static"],
    ["wal_level", "replica", "Enumeration", "replica,logical", "static"],
    ["wal_compression", "on", "Enumeration", "pglz,lz4,on,off", "dynamic"],
    ["random_page_cost", "2", "Numeric", "0-1.79769e+308", "dynamic"],
    ["superuser_reserved_connections", "10", "Integer", "10", "read-only"],
    ["data_directory", "/datadrive/pg/data", "String", "/datadrive/pg/data", "read-only"],
    ["archive_command", "BlobLogUpload.sh %f %p", "String", "BlobLogUpload.sh %f %p", "read-only"],
    ["local_preload_libraries", "", "String", "", "read-only"],
    [
      "shared_preload_libraries",
      "pg_cron,pg_stat_statements",
      "Set",
      "age,anon,auto_explain,azure_storage,credcheck,pg_cron,pg_duckdb,pg_failover_slots,pg_hint_plan,pg_ivm,pg_partman_bgw,pg_prewarm,pg_squeeze,pg_stat_statements,pgaudit,pglogical,timescaledb,wal2json",
      "static",
    ],
    ["pgaudit.log", "none", "Set", "none,read,write,function,role,ddl,misc,all", "dynamic"],
    ["pgaudit.role", "", "String", "[A-Za-z\\._]*", "dynamic"],
    ["cron.database_name", "postgres", "String", "[A-Za-z0-9_]+", "static"],
    ["pg_stat_statements.track", "none", "Enumeration", "top,all,none", "dynamic"],
    ["pgbouncer.enabled", "false", "Boolean", "true, false", "dynamic"],
    ["pg_qs.interval_length_minutes", "15", "Integer", "1-30", "dynamic"],
    ["metrics.autovacuum_diagnostics", "off", "Boolean", "on,off", "dynamic"],
    ["require_secure_transport", "on", "Boolean", "on,off", "dynamic"],
    // Standard_B1ms with 32 GiB of storage.
    ["max_connections", "50", "Integer", "25-5000", "static"],
    ["shared_buffers", "32768", "Integer", "16-1073741823", "static"],
    ["maintenance_work_mem", "99328", "Integer", "1024-2097151", "dynamic"],
  ])("has %s as in Azure's table", (name, value, dataType, allowedValues, type) => {
    expect(listed.get(name)).toMatchObject({
      name,
      type: "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
      value,
      defaultValue: value,
      dataType,
      allowedValues,
      source: "system-default",
      isReadOnly: type === "read-only",
      isConfigPendingRestart: false,
      ...(type === "read-only" ? {} : { isDynamicConfig: type === "dynamic" }),
    });
  });

  test("contains descriptions, units and links to the documentation", () => {
    expect([...listed.values()].filter(({ description }) => !description)).toEqual([]);
    expect(listed.get("work_mem")).toMatchObject({
      unit: "kB",
      documentationLink:
        "https://www.postgresql.org/docs/15/runtime-config-resource.html#GUC-WORK-MEM",
    });
    expect(listed.get("pgaudit.log")?.documentationLink).toBe(
      "https://github.com/pgaudit/pgaudit/blob/master/README.md",
    );
  });

  test("has the same parameters as GET, which accepts names in any letter case", async () => {
    expect(await parameter("work_mem")).toEqual(listed.get("work_mem"));
    expect(await parameter("datestyle")).toMatchObject({ value: "ISO, MDY" });
  });

  test("hides the values that local Azure needs, and parameters that Azure doesn't list", async () => {
    const names = [...listed.keys()];
    expect(
      names.filter((name) => /extwlist|^pgaudit\.log_parameter_max|^plpgsql/.test(name)),
    ).toEqual([]);
    expect(names).not.toContain("restrict_nonsystem_relation_kind");
    expect([...listed.values()].map(({ value }) => value).join()).not.toMatch(/pgextwlist|jsonlog/);
    await expect(setParameter(cloud, "extwlist.extensions", "file_fdw")).rejects.toThrow(
      /does not exist/,
    );
  });

  test("applies to sessions: SHOW returns Azure's prefix and connection logging", async () => {
    expect(await runSql(cloud, "SHOW log_line_prefix")).toEqual([{ log_line_prefix: "%t-%c-" }]);
    expect(await runSql(cloud, "SHOW log_connections")).toEqual([{ log_connections: "on" }]);
    expect((await runningValues(cloud)).get("shared_preload_libraries")).toBe(
      "pg_cron,pg_stat_statements",
    );
  });
});

describe("a dynamic parameter", () => {
  test("takes effect at once, and is shown as written", async () => {
    expect(await setParameter(cloud, "work_mem", "8192")).toMatchObject({
      value: "8192",
      defaultValue: "4096",
      source: "user-override",
      isConfigPendingRestart: false,
    });
    expect(await runSql(cloud, "SHOW work_mem")).toEqual([{ work_mem: "8MB" }]);
    expect(await setParameter(cloud, "log_lock_waits", "ON")).toMatchObject({ value: "ON" });
    expect(await runSql(cloud, "SHOW log_lock_waits")).toEqual([{ log_lock_waits: "on" }]);
  });

  test.each([
    ["its default value", () => setParameter(cloud, "work_mem", "4096")],
    ["the source system-default", () => reset("work_mem")],
  ])("is reset by %s", async (_, write) => {
    await setParameter(cloud, "work_mem", "8192");
    expect(await write()).toMatchObject({ value: "4096", source: "system-default" });
    expect(serverFiles()[0]).not.toContain("work_mem = '8192'");
    expect(await runSql(cloud, "SHOW work_mem")).toEqual([{ work_mem: "4MB" }]);
  });

  test("keeps all special characters of a text", async () => {
    const prefix = '%t \\ "%u"\n$x ';
    expect(await setParameter(cloud, "log_line_prefix", prefix)).toMatchObject({ value: prefix });
    expect(await runSql(cloud, "SHOW log_line_prefix")).toEqual([{ log_line_prefix: prefix }]);
    await reset("log_line_prefix");
  });

  test("of a library that isn't loaded is stored", async () => {
    await setParameter(cloud, "pgaudit.log", "READ,DDL");
    expect(await runSql(cloud, "SHOW pgaudit.log")).toEqual([{ "pgaudit.log": "READ,DDL" }]);
    await reset("pgaudit.log");
  });

  test("that only Azure has is stored and shown, and isn't written to PostgreSQL's files", async () => {
    const files = serverFiles();
    expect(await setParameter(cloud, "pg_qs.query_capture_mode", "TOP")).toMatchObject({
      value: "TOP",
      source: "user-override",
    });
    expect(await setParameter(cloud, "log_destination", "csvlog")).toMatchObject({
      value: "csvlog",
    });
    expect(serverFiles()).toEqual(files);
  });

  test("require_secure_transport allows clients without TLS while it is off", async () => {
    const connectInTheClear = async () => {
      const plain = connection(cloud, { ssl: false });
      await plain.connect();
      await plain.end();
    };
    await expect(connectInTheClear()).rejects.toThrow(/no pg_hba.conf entry.*no encryption/);
    await setParameter(cloud, "require_secure_transport", "off");
    await connectInTheClear();
    await reset("require_secure_transport");
    await expect(connectInTheClear()).rejects.toThrow(/no encryption/);
  });

  test("password_encryption md5 creates passwords that the server accepts, as on Azure", async () => {
    await setParameter(cloud, "password_encryption", "md5");
    await runSql(cloud, `ALTER ROLE pgadmin PASSWORD '${PASSWORD}'`);
    expect(await runSql(cloud, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await reset("password_encryption");
  });
});

describe("a static parameter", () => {
  const isPending = async (name: string) => (await parameter(name)).isConfigPendingRestart;
  const maxConnections = async () => (await runSql(cloud, "SHOW max_connections"))[0];

  test("waits for the restart, then takes effect, and keeps its value at the next restart", async () => {
    await setParameter(cloud, "max_connections", "60");
    expect(await isPending("max_connections")).toBe(true);
    expect(await maxConnections()).toEqual({ max_connections: "50" });
    await restart();
    expect(await isPending("max_connections")).toBe(false);
    expect(await maxConnections()).toEqual({ max_connections: "60" });
    await restart();
    expect(await parameter("max_connections")).toMatchObject({
      value: "60",
      source: "user-override",
    });
    expect(await maxConnections()).toEqual({ max_connections: "60" });
  });

  test("doesn't wait for a restart after it is reset to the running value", async () => {
    await setParameter(cloud, "max_connections", "70");
    expect(await isPending("max_connections")).toBe(true);
    await setParameter(cloud, "max_connections", "60");
    expect(await isPending("max_connections")).toBe(false);
    await reset("max_connections");
    expect(await isPending("max_connections")).toBe(true);
    await restart();
    expect(await maxConnections()).toEqual({ max_connections: "50" });
  });

  test("that only Azure has also waits for the restart", async () => {
    await setParameter(cloud, "azure_cdc.max_fabric_mirrors", "4");
    expect(await isPending("azure_cdc.max_fabric_mirrors")).toBe(true);
    await restart();
    expect(await isPending("azure_cdc.max_fabric_mirrors")).toBe(false);
  });

  test("that prevents the start is reset, and the server runs as before", async () => {
    await setParameter(cloud, "work_mem", "8192");
    await setParameter(cloud, "shared_buffers", "1073741823");
    await expect(restart()).rejects.toThrow(/did not start with shared_buffers/);
    expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Ready");
    expect(await runSql(cloud, "SHOW shared_buffers")).toEqual([{ shared_buffers: "256MB" }]);
    expect(await runSql(cloud, "SHOW work_mem")).toEqual([{ work_mem: "8MB" }]);
    expect(await parameter("shared_buffers")).toMatchObject({
      value: "32768",
      source: "system-default",
      isConfigPendingRestart: false,
    });
  });

  test("takes effect after a restart that ends many sessions at once", async () => {
    const sessions = Array.from({ length: 25 }, () => connection(cloud));
    const ended = sessions.map(
      (session) =>
        new Promise<string>((resolve) =>
          session.on("error", ({ message }: Error) => resolve(message)),
        ),
    );
    for (const session of sessions) await session.connect();
    await Promise.all(sessions.map((session) => session.query("BEGIN")));
    await restart();
    const messages = await Promise.all(ended);
    expect(messages).toHaveLength(25);
    expect(await runSql(cloud, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});
