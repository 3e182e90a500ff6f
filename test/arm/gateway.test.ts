/** How clients reach one of several flexible servers through the one port of the lab. */
import { once } from "node:events";
import * as net from "node:net";
import * as tls from "node:tls";
import { type Client, type ClientConfig } from "pg";
import { LOOPBACK } from "../../common/ports";
import { pollUntil } from "../../common/poll";
import { connection, createServer, GROUP, SERVER, serverBody } from "./support/flexible-server";
import { testCloud } from "./support/cloud";

const OTHER = "psqlflexiother";
const MINUTE = 60_000;

const cloud = testCloud();

beforeAll(async () => {
  await createServer(cloud);
  const { servers } = cloud.postgresql;
  // It has direct TLS.
  await servers.beginCreateOrUpdateAndWait(GROUP, OTHER, {
    ...serverBody("17"),
    administratorLogin: "dba",
  });
}, 2 * MINUTE);

const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end().catch(() => undefined);
});

const nameOf = (server: string): string => `${server}.postgres.database.azure.com`;
const byName = (server: string): ClientConfig => ({
  database: "postgres",
  ssl: { ca: cloud.ca, servername: nameOf(server) },
});
/** The address alone: then a client sends no server name. */
const byAddress = (): ClientConfig => ({ ssl: { ca: cloud.ca } });

async function connect(options: ClientConfig): Promise<Client> {
  const client = connection(cloud, options);
  client.on("error", () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

async function first<T>(client: Client, sql: string): Promise<T> {
  return (await client.query<Record<string, T>>(sql)).rows[0]?.answer as T;
}

function request(code: number, ...numbers: number[]): Buffer {
  const words = [8 + 4 * numbers.length, code, ...numbers];
  const message = Buffer.alloc(4 * words.length);
  words.forEach((word, index) => message.writeInt32BE(word, 4 * index));
  return message;
}

const CANCEL = 80877102;
const SSL = 80877103;
const GSS_ENCRYPTION = 80877104;

test("a client reaches the server that it names, with its administrator", async () => {
  const one = await connect(byName(SERVER));
  const other = await connect({ ...byName(OTHER), user: "dba" });
  expect(await first(one, "SELECT current_setting('server_version_num') AS answer")).toMatch(/^15/);
  expect(await first(other, "SELECT current_setting('server_version_num') AS answer")).toMatch(
    /^17/,
  );
  await expect(connect({ ...byName(SERVER), user: "dba" })).rejects.toThrow(
    /password authentication/,
  );
});

test("the servers see their clients at 127.0.0.1, as before", async () => {
  const one = await connect(byName(SERVER));
  expect(await first(one, "SELECT host(inet_client_addr()) AS answer")).toBe(LOOPBACK);
});

test("megabytes pass in both directions unchanged", async () => {
  const one = await connect(byName(SERVER));
  const text = "audit ".repeat(2_000_000);
  const { rows } = await one.query<{ md5: string; text: string }>(
    "SELECT md5($1) AS md5, $1 AS text",
    [text],
  );
  expect(rows[0]?.text === text).toBe(true);
});

test("a request to cancel reaches the server of the session, though it has no name", async () => {
  const other = await connect({ ...byName(OTHER), user: "dba" });
  const watch = await connect({ ...byName(OTHER), user: "dba" });
  const { processID, secretKey } = other as unknown as { processID: number; secretKey: number };
  const statement = expect(other.query("SELECT pg_sleep(600)")).rejects.toMatchObject({
    code: "57014",
  });
  await pollUntil(
    () =>
      first<boolean>(
        watch,
        `SELECT wait_event = 'PgSleep' AS answer FROM pg_stat_activity WHERE pid = ${processID}`,
      ),
    { what: "the statement to run", timeoutSeconds: 30 },
  );
  net.connect(cloud.postgresPort, LOOPBACK).end(request(CANCEL, processID, secretKey));
  await statement;
});

test("a client without a server name is refused, and the one without TLS reads why", async () => {
  await expect(connect(byAddress())).rejects.toThrow(/unrecognized name/);
  await expect(connect({ ssl: false })).rejects.toMatchObject({
    code: "08004",
    message: expect.stringContaining("doesn't name its server") as string,
    hint: expect.stringContaining("sslmode=require") as string,
  });
});

test("a name without a server is refused, as Azure's DNS has no such name", async () => {
  await expect(connect(byName("psqlflexinone"))).rejects.toThrow(/unrecognized name/);
});

test("a client that asks for Kerberos encryption first goes on with TLS", async () => {
  const socket = net.connect(cloud.postgresPort, LOOPBACK);
  socket.write(request(GSS_ENCRYPTION));
  expect(String((await once(socket, "data"))[0])).toBe("N");
  socket.write(request(SSL));
  expect(String((await once(socket, "data"))[0])).toBe("S");
  const session = tls.connect({ socket, ca: cloud.ca, servername: nameOf(SERVER) });
  await once(session, "secureConnect");
  session.destroy();
});

test("TLS without a request before it reaches a server of PostgreSQL 17", async () => {
  const session = tls.connect({
    ...{ host: LOOPBACK, port: cloud.postgresPort, ca: cloud.ca },
    ...{ servername: nameOf(OTHER), ALPNProtocols: ["postgresql"] },
  });
  await once(session, "secureConnect");
  expect(session.alpnProtocol).toBe("postgresql");
  session.destroy();
});

test("a restart of one server leaves the other's sessions alone", async () => {
  const one = await connect(byName(SERVER));
  await cloud.postgresql.servers.beginRestartAndWait(GROUP, OTHER);
  expect(await first(one, "SELECT 1 AS answer")).toBe(1);
});

test("the only server is reached without a name", async () => {
  await cloud.postgresql.servers.beginDeleteAndWait(GROUP, OTHER);
  const client = await connect(byAddress());
  expect(await first(client, "SELECT 1 AS answer")).toBe(1);
});
