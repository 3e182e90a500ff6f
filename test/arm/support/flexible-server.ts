import { type PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import { Client } from "pg";
import { type TestCloud } from "./cloud";

export const GROUP = "PG-WORKSHOP";
export const SERVER = "psqlflexitest";
export const DATABASE = "pgbench";
export const PASSWORD = "Pass-word~of.1_admin";
export const serverId = (cloud: TestCloud) =>
  `${cloud.group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SERVER}`;

/** As the program asks for it. */
export const serverBody = () => ({
  location: "westeurope",
  sku: { name: "Standard_B1ms", tier: "Burstable" },
  version: "15",
  administratorLogin: "pgadmin",
  administratorLoginPassword: PASSWORD,
  storage: { storageSizeGB: 32 },
  createMode: "Default",
});

/** Makes the server and its database as the program does. */
export async function makeServer(client: PostgreSQLManagementFlexibleServerClient) {
  const server = await client.servers.beginCreateOrUpdateAndWait(GROUP, SERVER, serverBody());
  await client.databases.beginCreateAndWait(GROUP, SERVER, DATABASE, {
    charset: "UTF8",
    collation: "en_US.utf8",
  });
  return server;
}

/** Sets a server parameter. */
export const setParameter = (
  client: PostgreSQLManagementFlexibleServerClient,
  name: string,
  value: string,
) => client.configurations.beginPutAndWait(GROUP, SERVER, name, { value, source: "user-override" });

/** Runs one statement as the administrator, over TLS verified for the server's full name. */
export async function runSql(
  cloud: TestCloud,
  text: string,
  password = PASSWORD,
): Promise<Record<string, unknown>[]> {
  const client = new Client({
    host: "127.0.0.1",
    port: cloud.postgresPort,
    user: "pgadmin",
    password,
    database: DATABASE,
    application_name: "psql",
    ssl: { ca: cloud.ca, servername: `${SERVER}.postgres.database.azure.com` },
  });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
