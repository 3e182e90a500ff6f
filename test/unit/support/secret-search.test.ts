import execa from "execa";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../common/poll";
import { exposedFiles } from "../../support/exposed-files";
import { ProcessWatch } from "../../support/process-watch";
import { needlesOf, secretsIn } from "../../support/secret-needles";
import { findings, leaks, searchCommand, searchInput } from "../../support/secret-search";

const PASSWORD = { name: "password", value: 'aB3/"+\\=~xyzXYZ-0123456789' };
const KEY = {
  name: "key",
  value: crypto
    .generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs8", format: "pem" }) as string,
};
const NEEDLES = [PASSWORD, KEY].flatMap(needlesOf);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "secret-search-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const write = (name: string, content: string | Buffer, mode = 0o600): string => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  fs.chmodSync(file, mode);
  return file;
};

async function search(...places: string[]) {
  const { stdout } = await execa("bash", ["-c", searchCommand(places)], {
    input: searchInput(NEEDLES),
  });
  return findings(stdout, NEEDLES);
}

const keyLine = (number: number) => KEY.value.split("\n")[number] ?? "";

describe("a planted secret is found", () => {
  test.each([
    ["as it is", PASSWORD.value, "password (plain)"],
    ["between bytes that are no text", Buffer.from(`\0\xff${PASSWORD.value}\0`, "latin1"), ""],
    ["in base64", Buffer.from(PASSWORD.value).toString("base64"), "password (base64)"],
    ...[1, 2, 3].map((length): [string, string, string] => [
      `in the base64 of a longer text, after ${length} bytes`,
      Buffer.from(`${"x".repeat(length)}${PASSWORD.value}:more`).toString("base64"),
      "password (base64)",
    ]),
    ["in a URL", `https://x/?p=${encodeURIComponent(PASSWORD.value)}`, "password (URL-encoded)"],
    [
      "in a URL with small escapes",
      encodeURIComponent(PASSWORD.value).replaceAll(/%../g, (escape) => escape.toLowerCase()),
      "password (URL-encoded)",
    ],
    ["in JSON", JSON.stringify({ p: PASSWORD.value }), "password (JSON-escaped)"],
    ["as a whole key", KEY.value, "key (plain)"],
    ["as a key in JSON", JSON.stringify({ key: KEY.value }), "key (plain)"],
    ["as one line of an indented key", `  ${keyLine(5)}\n`, "key (plain)"],
    ["as the base64 of a key", Buffer.from(KEY.value).toString("base64"), "key (base64)"],
  ])("%s", async (name, content, expected) => {
    const file = write(name, content);
    const found = await search(folder);
    const what = found.filter((each) => each.file === file).map((each) => each.what);
    expect(what).toEqual([expected || "password (plain)"]);
    expect(secretsIn(content.toString("latin1"), NEEDLES)).toEqual(what);
    fs.rmSync(file);
  });
});

test("nothing is found where no secret is, and what every key contains is none", async () => {
  write(
    "clean",
    "-----BEGIN PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\nnothing\n",
  );
  expect(await search(folder, path.join(folder, "missing"))).toEqual([]);
});

test("a key's public half, which its file contains, is no secret", () => {
  const value = "private-line-of-a-key\npublic-line-of-a-key";
  const publicHalf = "ssh-rsa AAAA-public-line-of-a-key-and-more";
  const texts = needlesOf({ name: "key", value, publicHalf }).map(({ text }) => text);
  expect(texts).toContain("private-line-of-a-key");
  expect(texts).not.toContain("public-line-of-a-key");
});

test("a secret too short to search for is refused", () => {
  expect(() => needlesOf({ name: "short", value: "123" })).toThrow("short has no line");
});

test("a secret is no leak in the file where it belongs", async () => {
  write("home/password", PASSWORD.value);
  const stray = write("stray/password", PASSWORD.value);
  const found = await search(path.join(folder, "home"), path.join(folder, "stray"));
  expect(leaks(found, [/\/home\//])).toEqual([`${stray}: password (plain)`]);
});

describe("what another user could read", () => {
  test("is a file in open folders, and no file in a closed one", () => {
    const open = write("rights/open", "", 0o644);
    write("rights/closed", "", 0o640);
    write("rights/folder/open", "", 0o644);
    fs.chmodSync(path.join(folder, "rights/folder"), 0o700);
    expect(exposedFiles(path.join(folder, "rights"))).toEqual([open]);
    fs.chmodSync(path.join(folder, "rights/folder"), 0o711);
    expect(exposedFiles(path.join(folder, "rights"))).toHaveLength(2);
  });

  test("is a socket that it may write to", async () => {
    const socket = path.join(folder, "socket");
    const server = net.createServer().listen(socket);
    await pollUntil(() => fs.existsSync(socket), { what: "the socket", timeoutSeconds: 5 });
    fs.chmodSync(socket, 0o755);
    expect(exposedFiles(socket)).toEqual([]);
    fs.chmodSync(socket, 0o777);
    expect(exposedFiles(socket)).toEqual([socket]);
    server.close();
  });
});

describe("the watch of processes", () => {
  const seconds = "setTimeout(() => 0, 20_000)";
  const watchWhile = async (args: string[], options: execa.Options) => {
    const watch = new ProcessWatch();
    watch.start();
    const child = execa(process.execPath, ["-e", seconds, "--", ...args], options);
    child.catch(() => undefined);
    try {
      return await pollUntil(
        () => {
          const found = watch.leaks(NEEDLES);
          return found.length > 0 && found;
        },
        { what: "the secret to be seen", timeoutSeconds: 10 },
      );
    } finally {
      watch.stop();
      child.kill("SIGKILL");
    }
  };

  test("finds a secret in an argument", async () => {
    expect(await watchWhile([`--password=${PASSWORD.value}`], {})).toContain(
      `${process.execPath}: password (plain)`,
    );
  });

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot("finds a secret in the environment of another user's process", async () => {
    const found = await watchWhile([], { uid: 65534, env: { SECRET: PASSWORD.value } });
    expect(found.join("\n")).toContain("password (plain)");
  });
});
