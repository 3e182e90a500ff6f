import * as fs from "node:fs";
import * as path from "node:path";
import { runningPid } from "../../common/child-process";
import { readFileIfExists } from "../../common/files";
import { pollUntil } from "../../common/poll";
import { choosePort } from "../../common/ports";
import {
  gatewayFiles,
  GatewayProcess,
} from "../../local/backends/postgres/gateway/gateway-process";
import { azuriteFiles } from "../../local/backends/storage-accounts";
import { supervisedParts, type PartSources } from "../../local/azure/parts";
import { type Part, type PartEvent } from "../../local/azure/supervision/part";
import { Supervisor } from "../../local/azure/supervision/supervisor";
import { testCloud } from "./support/cloud";
import { connection, createServer, GROUP, runSql, SERVER } from "./support/flexible-server";

jest.setTimeout(180_000);

const cloud = testCloud();
const events: PartEvent[] = [];
let supervisor: Supervisor;
let gateway: GatewayProcess;

/** The real parts, whose silence is noticed sooner than in the lab. */
function parts(): Part[] {
  const sources = {
    ...cloud.parts,
    gateway,
    packages: { isRunning: true },
    shipper: { problem: undefined },
  } as unknown as PartSources;
  return supervisedParts(sources)().map((part) => ({
    ...part,
    probe: { ...part.probe, everySeconds: 1, count: 1 },
  }));
}

beforeAll(async () => {
  await cloud.parts.storage.createAccount("labaccount");
  await createServer(cloud);
  await runSql(cloud, "CREATE TABLE kept AS SELECT 1 AS one");
  // Beside the one of the cloud, which is in this process.
  gateway = new GatewayProcess(cloud.paths, await choosePort(0));
  supervisor = new Supervisor({
    parts,
    onEvent: (event) => events.push(event),
    onReports: () => undefined,
  });
  supervisor.start();
}, 120_000);
afterAll(async () => {
  supervisor.close();
  await gateway.stop();
});

const folder = () => path.join(cloud.paths.postgres, SERVER);
const pidFiles = () => ({
  Azurite: azuriteFiles(cloud.paths).pidFile,
  PostgreSQL: path.join(folder(), "postgres.pid"),
  "PostgreSQL gateway": gatewayFiles(cloud.paths).pidFile,
});
const pidOf = (part: keyof ReturnType<typeof pidFiles>): number => {
  const pid = runningPid(pidFiles()[part]);
  if (pid === undefined) throw new Error(`${part} doesn't run`);
  return pid;
};
const isReady = (part: string) =>
  supervisor.reports.some(({ name, state }) => name === part && state === "ready");

/** Waits until a part is ready after something was done to it that ends it. */
async function isHealed(part: Parameters<typeof pidOf>[0], harm: () => void | Promise<void>) {
  await pollUntil(() => isReady(part), { what: `${part} to be ready`, timeoutSeconds: 60 });
  events.length = 0;
  await harm();
  await pollUntil(() => events.some((event) => event.part === part && event.state === "ready"), {
    what: `${part} to be up again`,
    timeoutSeconds: 120,
  });
  return events.filter((event) => event.part === part).map(({ text }) => text);
}

const containers = async () => {
  const names = [];
  for await (const { name } of cloud.parts.storage.client("labaccount").listContainers())
    names.push(name);
  return names;
};

test("Azurite that was killed is started again with its blobs", async () => {
  await cloud.parts.storage.createContainer("labaccount", "kept");
  const texts = await isHealed("Azurite", () => void process.kill(pidOf("Azurite"), "SIGKILL"));
  expect(texts[0]).toBe("was ended by SIGKILL; starts again in 1 s");
  expect(texts.at(-1)).toMatch(/^is up again after \d+ s$/);
  expect(await containers()).toEqual(["kept"]);
});

test("Azurite that was suspended is ended and started again", async () => {
  const pid = pidOf("Azurite");
  await isHealed("Azurite", () => void process.kill(pid, "SIGSTOP"));
  expect(pidOf("Azurite")).not.toBe(pid);
  expect(await containers()).toEqual(["kept"]);
});

test("Azurite that runs without an account of its file is started again with it", async () => {
  const { storage, paths } = cloud.parts;
  const file = path.join(paths.secrets, "storage-accounts.json");
  const key = Buffer.alloc(64).toString("base64");
  const accounts = JSON.parse(fs.readFileSync(file, "utf8")) as object;
  fs.writeFileSync(file, JSON.stringify({ ...accounts, interrupted: [key, key] }));
  await storage.createAccount("interrupted");
  await storage.createContainer("interrupted", "works");
  await storage.deleteAccount("interrupted");
  expect(await containers()).toEqual(["kept"]);
});

test("the gateway that was killed is started again", async () => {
  const gatewayPid = () => pidOf("PostgreSQL gateway");
  const texts = await isHealed(
    "PostgreSQL gateway",
    () => void process.kill(gatewayPid(), "SIGKILL"),
  );
  expect(texts[0]).toBe("was ended by SIGKILL; starts again in 1 s");
  await isHealed("PostgreSQL gateway", () => void process.kill(gatewayPid(), "SIGSTOP"));
});

test("PostgreSQL whose postmaster was killed is started again, though a session survives", async () => {
  const session = connection(cloud);
  session.on("error", () => undefined);
  await session.connect();
  const { rows } = await session.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const backend = rows[0]?.pid ?? 0;
  const texts = await isHealed("PostgreSQL", () => {
    // A suspended session doesn't notice the postmaster's end, and holds the shared memory.
    process.kill(backend, "SIGSTOP");
    process.kill(pidOf("PostgreSQL"), "SIGKILL");
  });
  expect(texts.filter((text) => /starts again in/.test(text))).toEqual([
    "was ended by SIGKILL; starts again in 1 s",
  ]);
  expect(await runSql(cloud, "SELECT one FROM kept")).toEqual([{ one: 1 }]);
});

test("PostgreSQL recovers from a killed session by itself", async () => {
  const pid = pidOf("PostgreSQL");
  const session = connection(cloud);
  session.on("error", () => undefined);
  await session.connect();
  const { rows } = await session.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  process.kill(rows[0]?.pid ?? 0, "SIGKILL");
  await pollUntil(() => runSql(cloud, "SELECT one FROM kept").catch(() => undefined), {
    what: "the server to accept connections",
    timeoutSeconds: 60,
  });
  expect(pidOf("PostgreSQL")).toBe(pid);
});

test("PostgreSQL that was suspended is ended and started again", async () => {
  const pid = pidOf("PostgreSQL");
  await isHealed("PostgreSQL", () => void process.kill(pid, "SIGSTOP"));
  expect(pidOf("PostgreSQL")).not.toBe(pid);
  expect(await runSql(cloud, "SELECT one FROM kept")).toEqual([{ one: 1 }]);
});

test("a person's restart gives a new process", async () => {
  const pid = pidOf("PostgreSQL");
  await supervisor.restart("PostgreSQL");
  expect(pidOf("PostgreSQL")).not.toBe(pid);
});

test("watching a server adds no line to its log", async () => {
  const count = (message: RegExp) =>
    fs
      .readdirSync(path.join(folder(), "log"))
      .map((name) => readFileIfExists(path.join(folder(), "log", name)) ?? "")
      .join("")
      .match(message)?.length ?? 0;
  /** The server writes its log in order, so what came before the session is in the log after it. */
  const session = async () => {
    const authorized = /connection authorized: user=pgadmin/g;
    const before = count(authorized);
    await runSql(cloud, "SELECT 1");
    await pollUntil(() => count(authorized) > before, {
      what: "the session to be logged",
      timeoutSeconds: 30,
    });
  };
  const [part] = parts().filter(({ name }) => name === "PostgreSQL");
  await session();
  const before = count(/connection received/g);
  for (let probe = 0; probe < 20; probe++) expect(await part?.problem()).toBeUndefined();
  await session();
  expect(count(/connection received/g)).toBe(before + 1);
});

test("a server that was stopped through the API stays stopped, also where it is killed", async () => {
  await cloud.postgresql.servers.beginStopAndWait(GROUP, SERVER);
  await pollUntil(
    () => supervisor.reports.some(({ state, why }) => state === "stopped" && /API/.test(why ?? "")),
    { what: "the server to be reported as stopped", timeoutSeconds: 30 },
  );
  await supervisor.check();
  await supervisor.check();
  expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Stopped");
  await supervisor.restart("PostgreSQL");
  expect((await cloud.postgresql.servers.get(GROUP, SERVER)).state).toBe("Ready");
});

test("a server that can't be started is named with the reason, which is in its log", async () => {
  supervisor.close();
  await cloud.parts.servers.endProcess(SERVER);
  const wal = path.join(folder(), "data", "pg_wal");
  for (const name of fs.readdirSync(wal)) fs.rmSync(path.join(wal, name), { recursive: true });
  await expect(cloud.parts.servers.resume(SERVER)).rejects.toThrow(
    /PostgreSQL ended during its start:[^]*PANIC: could not locate a valid checkpoint record/,
  );
});
