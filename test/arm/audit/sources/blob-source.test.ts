import { ContainerClient, newPipeline, StorageSharedKeyCredential } from "@azure/storage-blob";
import * as fs from "node:fs";
import * as https from "node:https";
import * as os from "node:os";
import * as path from "node:path";
import { StorageBackend } from "../../../../local/backends/storage-accounts";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../../../local/tls/certificate-authority";
import { LabPaths } from "../../../../local/paths";
import { pollUntil } from "../../../../common/poll";
import { choosePort } from "../../../../common/ports";
import { ConnectToAgent } from "../../../../audit/sources/container";
import type { TimeRange } from "../../../../audit/select/time-range";
import type { Chunk } from "../../../../audit/sources/source";
import { ResumingSource } from "../../../../audit/resume/resuming-source";
import { BlobSource, serverFolder } from "../../../../audit/sources/blob-source";
import { hourBlobName, hoursBetween } from "../../../../audit/sources/hours";

const ACCOUNT = "pgauditlogs";
const SERVER_ID =
  "/subscriptions/1/resourceGroups/PG/providers/Microsoft.DBforPostgreSQL/flexibleServers/one";
const SERVER = serverFolder(SERVER_ID);
const OTHER = serverFolder(SERVER_ID.replace(/one$/, "two"));
const LAST_HOUR = new Date("2026-11-22T15:00:00Z");

let root: string;
let port: number;
let ca: string;
let storage: StorageBackend;
let requests = 0;

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "audit-blobs-"));
  const paths = new LabPaths(root);
  await ensureCertificateAuthority(paths);
  ca = fs.readFileSync(paths.caCertificate, "utf8");
  const tls = await ensureServerCertificate(paths, "blob", ["*.blob.core.windows.net"]);
  port = await choosePort(0);
  storage = new StorageBackend({ paths, port, tls });
  await storage.createAccount(ACCOUNT);
});
afterAll(async () => {
  await storage.close();
  fs.rmSync(root, { recursive: true, force: true });
});

/** A client that counts its requests. */
function container(name: string): ContainerClient {
  const credential = new StorageSharedKeyCredential(ACCOUNT, storage.accountKeys(ACCOUNT)[0]);
  // The client hands tlsOptions on to its transport, though its type doesn't name it.
  const pipeline = newPipeline(credential, { tlsOptions: { ca } } as object);
  pipeline.factories.push({
    create: (next) => ({
      sendRequest: (request) => {
        requests++;
        return next.sendRequest(request);
      },
    }),
  });
  return new ContainerClient(`https://127.0.0.1:${port}/${ACCOUNT}/${name}`, pipeline);
}

async function append(client: ContainerClient, server: string, hour: Date, text: string) {
  const blob = client.getAppendBlobClient(hourBlobName({ resource: server, hour }));
  await blob.createIfNotExists();
  await blob.appendBlock(text, Buffer.byteLength(text));
}

interface SourceChanges {
  readonly serverFolders?: readonly string[];
  readonly isServerWanted?: (name: string) => boolean;
  readonly now?: () => Date;
}

const notices: string[] = [];
const source = (client: ContainerClient, changes: SourceChanges = {}) =>
  new BlobSource({
    container: client,
    now: () => new Date(LAST_HOUR.getTime() + 30 * 60_000),
    intervalSeconds: 0.02,
    notify: (line) => notices.push(line),
    ...changes,
  });

async function textOf(chunks: AsyncIterable<Chunk>): Promise<string> {
  let text = "";
  for await (const { bytes } of chunks) text += bytes.toString();
  return text;
}
const read = (from: BlobSource, range: TimeRange) =>
  textOf(from.read(range, new AbortController().signal));

describe("a container of many hours", () => {
  const hours = hoursBetween(new Date(LAST_HOUR.getTime() - 99 * 3_600_000), LAST_HOUR);
  let client: ContainerClient;
  beforeAll(async () => {
    client = container("many-hours");
    await client.create();
    for (const hour of hours) await append(client, SERVER, hour, `${hour.toISOString()}\n`);
    await append(client, OTHER, LAST_HOUR, "two\n");
  });
  beforeEach(() => (requests = 0));

  test("is read whole without a range, the oldest hour first", async () => {
    const text = await read(source(client, { serverFolders: [SERVER] }), {});
    expect(text).toBe(hours.map((hour) => `${hour.toISOString()}\n`).join(""));
  });

  test("is read of the wanted servers only, and names the others if there are none of these", async () => {
    const since = { since: new Date("2026-11-22T14:55:00Z") };
    const two = source(client, { isServerWanted: (name) => name === "two" });
    expect(await read(two, since)).toBe("two\n");
    notices.length = 0;
    expect(await read(source(client, { isServerWanted: () => false }), since)).toBe("");
    expect(notices).toEqual(["--server leaves out every server: one, two"]);
  });

  test("is asked for the hours of a short range by name, and for nothing else", async () => {
    const since = new Date("2026-11-22T14:55:00Z");
    const text = await read(source(client, { serverFolders: [SERVER] }), { since });
    expect(text).toBe("2026-11-22T14:00:00.000Z\n2026-11-22T15:00:00.000Z\n");
    expect(requests).toBe(2);
  });

  test("is listed once for a long range, and read in that range only", async () => {
    const since = new Date("2026-11-20T00:00:00Z");
    const until = new Date("2026-11-21T22:30:00Z");
    const text = await read(source(client, { serverFolders: [SERVER] }), { since, until });
    // Azure files what came late under the hour after.
    expect(text.split("\n")[0]).toBe("2026-11-20T00:00:00.000Z");
    expect(text.trim().split("\n").at(-1)).toBe("2026-11-21T23:00:00.000Z");
    expect(requests).toBe(1 + 48);
  });

  test("finds the servers if none is named", async () => {
    const text = await read(source(client), { since: new Date("2026-11-22T15:00:00Z") });
    expect(text.trim().split("\n").sort()).toEqual(["2026-11-22T15:00:00.000Z", "two"]);
    expect(requests).toBeLessThanOrEqual(20);
  });
});

test("an archived blob is named, and the others are read", async () => {
  const client = container("archived");
  await client.create();
  const name = hourBlobName({ resource: SERVER, hour: new Date("2026-11-22T14:00:00Z") });
  const archived = client.getBlockBlobClient(name);
  await archived.upload("archived\n", 9);
  await archived.setAccessTier("Archive");
  await append(client, SERVER, LAST_HOUR, "one\n");
  notices.length = 0;
  const archive = source(client, { serverFolders: [SERVER] });
  expect(await read(archive, {})).toBe("one\n");
  expect(archive.unreadable.count).toBe(1);
  expect(notices).toEqual([`${name}: it is in the archive tier; rehydrate it (BlobArchived)`]);
});

test("a missing container is reported", async () => {
  await expect(read(source(container("nowhere")), {})).rejects.toThrow(
    /there is no such container/,
  );
});

describe("following", () => {
  let now = new Date("2026-11-22T15:59:58Z");
  let client: ContainerClient;
  let stop: AbortController;
  let seen: Promise<string[]>;
  let arrived: string[];
  /** The last lines that were there before; undefined until they are known. */
  let recent: string | undefined;

  /** Collects what comes, until it is stopped. */
  function start(range: TimeRange): void {
    stop = new AbortController();
    arrived = [];
    recent = undefined;
    notices.length = 0;
    const chunks = source(client, { serverFolders: [SERVER], now: () => now }).follow(
      range,
      stop.signal,
      async (ends) => {
        recent = ends.map(({ bytes }) => bytes.toString()).join("");
      },
    );
    seen = (async () => {
      for await (const { bytes } of chunks) arrived.push(bytes.toString());
      return arrived;
    })();
  }
  const begun = () =>
    pollUntil(() => recent !== undefined, { what: "the last lines", timeoutSeconds: 20 });
  const until = (text: string) =>
    pollUntil(() => arrived.join("").includes(text), { what: text, timeoutSeconds: 20 });

  test("begins with what comes, and crosses the hour with the lines that came late", async () => {
    client = container("followed");
    await client.create();
    await append(client, SERVER, LAST_HOUR, "old\n");
    start({});
    await begun();
    expect(recent).toBe("old\n");
    await append(client, SERVER, LAST_HOUR, "new\n");
    await until("new");
    now = new Date("2026-11-22T16:00:02Z");
    await append(client, SERVER, now, "next hour\n");
    await until("next hour");
    await append(client, SERVER, LAST_HOUR, "late\n");
    await until("late");
    stop.abort();
    expect((await seen).join("")).toBe("new\nnext hour\nlate\n");
    expect(notices).toEqual([expect.stringMatching(/^following one in https:.*\/followed$/)]);
  });

  test("an empty container says how long Azure takes for the first records", async () => {
    const before = client;
    client = container("new");
    await client.create();
    start({});
    await begun();
    await append(client, SERVER, now, "first\n");
    await until("first");
    stop.abort();
    expect(notices.slice(1)).toEqual([expect.stringMatching(/Azure may take 90 minutes/)]);
    client = before;
  });

  test("with a range begins with existing records, without gaps or repetitions", async () => {
    start({ since: new Date("2026-11-22T15:30:00Z") });
    await until("next hour");
    await append(client, SERVER, now, "more\n");
    await until("more");
    stop.abort();
    expect((await seen).join("")).toBe("old\nnew\nlate\nnext hour\nmore\n");
    expect(recent).toBeUndefined();
  });

  test("begins with all that is there, if all is asked for", async () => {
    start({ all: true });
    await until("more");
    stop.abort();
    expect((await seen).join("")).toBe("old\nnew\nlate\nnext hour\nmore\n");
  });

  test("reads a replaced blob from its start, and says so", async () => {
    start({});
    await begun();
    expect(recent).toBe("old\nnew\nlate\nnext hour\nmore\n");
    const name = hourBlobName({ resource: SERVER, hour: new Date("2026-11-22T16:00:00Z") });
    const replaceWith = async (text: string) => {
      await client.getBlobClient(name).delete();
      await append(client, SERVER, now, text);
      await until(text);
    };
    await replaceWith("anew\n");
    await replaceWith("and again, with a longer text\n");
    stop.abort();
    expect((await seen).join("")).toBe("anew\nand again, with a longer text\n");
    // A poll may see a new blob before its text is appended.
    const replaced = /(is shorter than before|was replaced); reading it from its start$/;
    expect(notices.slice(1)).toEqual([
      expect.stringMatching(replaced),
      expect.stringMatching(replaced),
    ]);
  });
});

test("another address is connected to under the account's own name, which TLS verifies", async () => {
  const agent = new ConnectToAgent({ host: "127.0.0.1", port });
  const get = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      https
        .get(`https://${host}/`, { agent, ca }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on("error", reject);
    });
  expect(await get(`${ACCOUNT}.blob.core.windows.net`)).toBeGreaterThanOrEqual(400);
  await expect(get("elsewhere.example.com")).rejects.toThrow(/does not match certificate/);
  agent.destroy();
});

describe("resuming", () => {
  const hour = (hours: number) => new Date(LAST_HOUR.getTime() - hours * 3_600_000);

  test("downloads what was appended to the blobs of the last day, and new blobs", async () => {
    const client = container("resumed");
    await client.create();
    for (const hours of [50, 25, 2]) await append(client, SERVER, hour(hours), `${hours}\n`);
    const { signal } = new AbortController();
    const resume = (from?: ResumingSource["positions"]) =>
      new ResumingSource(
        source(client, { serverFolders: [SERVER, OTHER] }),
        ...([from, {}, (line: string) => notices.push(line), LAST_HOUR] as const),
      );
    const first = resume();
    expect(await textOf(first.read({}, signal))).toBe("50\n25\n2\n");
    await append(client, SERVER, hour(2), "2b\n");
    await append(client, OTHER, hour(1), "1\n");
    const second = resume(first.positions);
    expect(await textOf(second.read({}, signal))).toBe("2b\n1\n");
    expect([...second.positions.files.values()].map(({ offset }) => offset)).toEqual([5, 2]);
    requests = 0;
    expect(await textOf(resume(second.positions).read({}, signal))).toBe("");
    // Each server's folder is listed, and each blob of the last day asked for what is new.
    expect(requests).toBe(2 + 2);
    await client.getBlobClient(hourBlobName({ resource: SERVER, hour: hour(2) })).delete();
    await append(client, SERVER, hour(2), "3\n");
    notices.length = 0;
    expect(await textOf(resume(second.positions).read({}, signal))).toBe("3\n");
    expect(notices).toEqual([expect.stringMatching(/isn't the file that was read before/)]);
  });
});

test("a key that is regenerated ends the follower with a message, though a response to HEAD has none", async () => {
  const client = container("regenerated");
  await client.create();
  await append(client, SERVER, LAST_HOUR, "one\n");
  const following = source(client).follow({ all: true }, new AbortController().signal);
  const outcome = (async () => {
    for await (const chunk of following) {
      expect(chunk.bytes.toString()).toBe("one\n");
      await storage.regenerateKey(ACCOUNT, 0);
    }
  })();
  await expect(outcome).rejects.toThrow(/regenerated.*the next run reads the current one/);
});
