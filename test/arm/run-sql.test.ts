import execa from "execa";
import { PROJECT_ROOT } from "../../local/paths";
import { LOOPBACK } from "../../common/ports";
import { plainEnv } from "../support/plain-env";
import { SshForwarder } from "./support/ssh-forwarder";
import {
  DATABASE,
  GROUP,
  PASSWORD,
  runSql,
  SERVER,
  setParameter,
  testServer,
} from "./support/flexible-server";

const cloud = testServer();

/** Runs the script as `pulumi up` does, without a VM or through one. */
function script(
  verb: "apply" | "remove",
  {
    sql = "",
    removal = "",
    databases = "",
    password = PASSWORD,
    secretSql = "",
    vm,
    hostKey = vm?.hostKey,
  }: Partial<
    Record<"sql" | "removal" | "databases" | "password" | "secretSql" | "hostKey", string>
  > & { vm?: SshForwarder } = {},
) {
  return execa(process.execPath, ["--import", "tsx", "scripts/run-sql.ts", verb], {
    cwd: PROJECT_ROOT,
    env: {
      ...plainEnv,
      PGHOST: `${SERVER}.postgres.database.azure.com`,
      PGPORT: "5432",
      PGUSER: "pgadmin",
      SQL: sql,
      REMOVAL_SQL: removal,
      SQL_DATABASES: databases,
      POSTGRES_CONNECT_TO: `${LOOPBACK}:${cloud.postgresPort}`,
      NODE_EXTRA_CA_CERTS: cloud.paths.caCertificate,
      ...(vm && {
        ...{ VM_HOST: LOOPBACK, VM_PORT: String(vm.port), VM_USER: "azureuser" },
        VM_HOST_KEY: hostKey,
      }),
    },
    extendEnv: false,
    input: JSON.stringify({ password, secretSql, vmPrivateKey: vm?.privateKey }),
    reject: false,
  });
}

const schemas = async () =>
  (await runSql(cloud, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 's_'")).map(
    ({ nspname }) => nspname as string,
  );

test("prints the last statement's rows as PostgreSQL writes them", async () => {
  const { stdout } = await script("apply", {
    sql: `SELECT '{"role": "ben"}'::json`,
    databases: '["pgbench"]',
  });
  expect(stdout).toBe('pgbench: {"role": "ben"}');
});

test("SQL runs in every database of the server except Azure's own, and is undone", async () => {
  await cloud.postgresql.databases.beginCreateAndWait(GROUP, SERVER, "Odd name", {
    charset: "UTF8",
    collation: "en_US.utf8",
  });
  const all = await script("apply", { sql: "SELECT current_database()" });
  expect([all.exitCode, all.stdout.split("\n")]).toEqual([
    0,
    ["Odd name: Odd name", `${DATABASE}: ${DATABASE}`, "postgres: postgres"],
  ]);
  const step = {
    sql: "CREATE SCHEMA IF NOT EXISTS s1;",
    removal: "DROP SCHEMA IF EXISTS s1;",
    databases: JSON.stringify([DATABASE]),
  };
  expect((await script("apply", step)).exitCode).toBe(0);
  expect(await schemas()).toEqual(["s1"]);
  expect((await script("remove", step)).exitCode).toBe(0);
  expect(await schemas()).toEqual([]);
});

test("SQL with a secret follows on standard input, and a failure leaves nothing half done", async () => {
  const databases = JSON.stringify([DATABASE]);
  const sql = "CREATE SCHEMA s2;";
  const secretSql = "DO $$ BEGIN RAISE 'it failed'; END $$;";
  const failed = await script("apply", { sql, databases, secretSql });
  expect(failed.exitCode).toBe(1);
  expect(failed.stderr).toMatch(/^run-sql: in database pgbench: it failed$/m);
  expect(failed.stderr).not.toContain(PASSWORD);
  expect(await schemas()).toEqual([]);
  const passed = await script("apply", { sql, databases, secretSql: "CREATE SCHEMA s3;" });
  expect(passed).toMatchObject({ exitCode: 0, stdout: `${DATABASE}: done` });
  expect(await schemas()).toEqual(["s2", "s3"]);
});

test("a refusal is explained: the password, the database, the allow-list", async () => {
  const databases = JSON.stringify([DATABASE]);
  const refused = async (options: Parameters<typeof script>[1]) =>
    (await script("apply", { sql: "SELECT 1", databases, ...options })).stderr;
  expect(await refused({ password: "guess" })).toContain("refuses the administrator's password");
  expect(await refused({ databases: '["nowhere"]' })).toContain("has no such database");
  await setParameter(cloud, "azure.extensions", "");
  expect(await refused({ sql: "CREATE EXTENSION pgaudit" })).toContain(
    "must be in the server parameter azure.extensions first",
  );
});

describe("through the VM", () => {
  let vm: SshForwarder;
  beforeAll(async () => {
    vm = await SshForwarder.start(cloud.postgresPort);
  });
  afterAll(() => vm.close());

  test("SQL runs in every database, and the VM resolves the server's name", async () => {
    const { exitCode, stdout, stderr } = await script("apply", { sql: "SELECT current_user", vm });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toContain("postgres: pgadmin");
    expect(new Set(vm.asked)).toEqual(new Set([`${SERVER}.postgres.database.azure.com:5432`]));
  });

  test("the server is verified, and a VM with another host key gets neither key nor password", async () => {
    const other = await SshForwarder.start(0);
    other.close();
    const { hostKey } = other;
    const { exitCode, stderr } = await script("apply", { sql: "SELECT 1", vm, hostKey });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("The VM has another host key, or refuses the lab's key");
  });

  test("an sshd that forbids forwarding is named", async () => {
    vm.allowsForwarding = false;
    const { exitCode, stderr } = await script("apply", { sql: "SELECT 1", vm });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("set AllowTcpForwarding yes there");
  });
});
