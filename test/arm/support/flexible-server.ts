import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { Client, type ClientConfig } from "pg";
import { FLEXIBLE_SERVERS } from "../../../local/arm/resource-type-names";
import { SUPERUSER } from "../../../local/backends/postgres/cluster";
import { PROJECT_ROOT } from "../../../local/paths";
import { type TestCloud, testCloud } from "./cloud";
import { clientEnvironment } from "./provider-process";

export const GROUP = "PG-WORKSHOP";
export const SERVER = "psqlflexitest";
export const DATABASE = "pgbench";
export const PASSWORD = "Pass-word~of.1_admin";
export const serverId = (cloud: TestCloud) =>
  `${cloud.group}/providers/${FLEXIBLE_SERVERS}/${SERVER}`;

/** As the program sends it, in the shape of the client. */
export const serverBody = (version = "15") => ({
  location: "westeurope",
  sku: { name: "Standard_B1ms", tier: "Burstable" },
  version,
  administratorLogin: "pgadmin",
  administratorLoginPassword: PASSWORD,
  storage: { storageSizeGB: 32 },
  createMode: "Default",
});

/** Creates the server and its database as the program does. */
export async function createServer({ postgresql }: TestCloud, version?: string) {
  const body = serverBody(version);
  const server = await postgresql.servers.beginCreateOrUpdateAndWait(GROUP, SERVER, body);
  await postgresql.databases.beginCreateAndWait(GROUP, SERVER, DATABASE, {
    charset: "UTF8",
    collation: "en_US.utf8",
  });
  return server;
}

/** A cloud with the server, for the tests of a file. */
export function testServer(): TestCloud {
  const cloud = testCloud();
  beforeAll(() => createServer(cloud), 60_000);
  return cloud;
}

/** Sets a server parameter. */
export const setParameter = ({ postgresql }: TestCloud, name: string, value: string) =>
  postgresql.configurations.beginPutAndWait(GROUP, SERVER, name, {
    value,
    source: "user-override",
  });

/** Runs scripts/<name>.ts for the server, as `pulumi up` does; the environment has the credentials. */
export const startServerScript = (
  cloud: TestCloud,
  name: string,
  options: execa.Options = {},
): execa.ExecaChildProcess =>
  execa(process.execPath, ["--import", "tsx", `scripts/${name}.ts`, serverId(cloud)], {
    cwd: PROJECT_ROOT,
    env: clientEnvironment(cloud),
    ...options,
  });

/** A connection of the administrator, over TLS verified for the server's full name, unless the options differ. */
export const connection = (cloud: TestCloud, options: ClientConfig = {}): Client =>
  new Client({
    host: "127.0.0.1",
    port: cloud.postgresPort,
    user: "pgadmin",
    password: PASSWORD,
    database: DATABASE,
    ssl: { ca: cloud.ca, servername: `${SERVER}.postgres.database.azure.com` },
    ...options,
  });

/** Runs one statement as the administrator. */
export async function runSql(
  cloud: TestCloud,
  text: string,
  password = PASSWORD,
): Promise<Record<string, unknown>[]> {
  const client = connection(cloud, { password, application_name: "psql" });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The settings of a new session, read by the superuser because some are hidden from others. */
export async function runningValues(cloud: TestCloud): Promise<Map<string, string>> {
  const password = path.join(cloud.paths.secrets, `${SERVER}-superuser-password`);
  const superuser = connection(cloud, {
    user: SUPERUSER,
    password: fs.readFileSync(password, "utf8").trim(),
    database: "postgres",
  });
  await superuser.connect();
  try {
    const { rows } = await superuser.query<{ name: string; reset_val: string | null }>(
      "SELECT name, reset_val FROM pg_settings",
    );
    return new Map(rows.map((row) => [row.name, row.reset_val ?? ""]));
  } finally {
    await superuser.end();
  }
}
