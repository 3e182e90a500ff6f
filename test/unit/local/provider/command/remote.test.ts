import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../../../../common/poll";
import type { EngineLog, Inputs, ResourceHandler } from "../../../../../local/provider/protocol";
import { commandProvider } from "../../../../../local/provider/command/provider";
import { missingSshd, OpenSshServer } from "./openssh-server";

/** The engine's signatures of assets and archives on the wire. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const asset = (values: Inputs) => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", ...values });
const archive = (values: Inputs) => ({
  [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7",
  ...values,
});

/** The server may have to be installed first. */
const INSTALLATION_MILLISECONDS = 5 * 60_000;
const suite = missingSshd === undefined ? describe : describe.skip;
if (missingSshd !== undefined) console.warn(`remote commands are not tested: ${missingSshd}`);

suite("remote commands against OpenSSH's own server", () => {
  const server = new OpenSshServer();
  let provider: ReturnType<typeof commandProvider>;
  let lines: string[];

  const log: EngineLog = {
    warn: (line) => lines.push(`warning: ${line}`),
    error: (line) => lines.push(`error: ${line}`),
    status: (line) => lines.push(line),
  };
  const request = (signal = new AbortController().signal) => ({
    urn: "urn:pulumi:s::p::t::step",
    type: "t",
    name: "step",
    log,
    timeoutSeconds: 0,
    signal,
    preview: false,
    secretInputs: new Set<string>(["connection"]),
  });
  const handler = (type: string) => provider.resources(type) as ResourceHandler;
  const command = () => handler("command:remote:Command");
  const create = (inputs: Inputs, signal?: AbortSignal) =>
    command().create({
      ...request(signal),
      inputs: { connection: server.connection, ...inputs },
    });

  beforeAll(() => server.start(), INSTALLATION_MILLISECONDS);
  afterAll(() => server.remove());
  beforeEach(() => {
    provider = commandProvider("1.2.1");
    lines = [];
  });
  afterEach(() => provider.close?.());

  test("a command's output is an output property and is shown line by line", async () => {
    const { id, outputs } = await create({ create: "echo one; echo two; echo three >&2" });
    expect(id).toMatch(/^step[0-9a-f]{8}$/);
    expect(outputs).toMatchObject({ stdout: "one\ntwo", stderr: "three" });
    // All three as ephemeral messages.
    expect([...lines].sort()).toEqual(["one", "three", "two"]);
  });

  test("logging: none hides the output only in the log", async () => {
    const { outputs } = await create({ create: "echo one", logging: "none" });
    expect(outputs.stdout).toBe("one");
    expect(lines).toEqual([]);
  });

  test("the command gets all of stdin", async () => {
    const stdin = "x".repeat(300_000);
    expect((await create({ create: "wc -c", stdin })).outputs.stdout).toBe("300000");
  });

  test("a failing command reports its status, its text and its output", async () => {
    await expect(create({ create: 'echo "no \\"good\\""; exit 7' })).rejects.toThrow(
      'Process exited with status 7: running "echo \\"no \\\\\\"good\\\\\\"\\"; exit 7":\nno "good"\n',
    );
  });

  test("a variable that sshd doesn't accept is an error before the command runs", async () => {
    const file = path.join(server.folder, "ran");
    const failing = create({ create: `touch ${file}`, environment: { LAB_FOO: "1" } });
    await expect(failing).rejects.toThrow(
      'could not set environment variable "LAB_FOO": ssh: setenv failed',
    );
    expect(fs.existsSync(file)).toBe(false);
    const accepted = await create({ create: "echo $LANG", environment: { LANG: "C.UTF-8" } });
    expect(accepted.outputs.stdout).toBe("C.UTF-8");
  });

  test("previous output that sshd doesn't accept is a warning, and none with addPreviousOutputInEnv: false", async () => {
    const olds = { stdout: "before", stderr: "" };
    const update = (inputs: Inputs) =>
      command().update?.({
        ...request(),
        id: "x",
        oldInputs: {},
        olds,
        news: { connection: server.connection, create: "echo now", ...inputs },
      });
    expect(await update({})).toMatchObject({ stdout: "now" });
    expect(lines.join()).toContain("warning: Unable to set 'PULUMI_COMMAND_STDOUT'");
    lines = [];
    await update({ addPreviousOutputInEnv: false });
    expect(lines).toEqual(["now"]);
  });

  test("another host key is refused, and the private key is in no error", async () => {
    const other =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDLRQcinoI7RK85vhge9hr4XZBAU24m4fobFDdIS7Yb+";
    const connection = { ...server.connection, hostKey: other, dialErrorLimit: 0 };
    await expect(create({ create: "true", connection })).rejects.toThrow(
      "after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    );
    const broken = { ...server.connection, privateKey: "not-a-key-s3cret" };
    const message = await create({ create: "true", connection: broken }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).toContain("Cannot parse privateKey");
    expect(message).not.toContain("s3cret");
  });

  test("a refused connection: the error has the number of attempts and the reason", async () => {
    const connection = { ...server.connection, port: 1, dialErrorLimit: 1 };
    await expect(create({ create: "true", connection })).rejects.toThrow(
      "after 1 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused",
    );
  });

  test("commands share a connection, and the next command works after the server was killed", async () => {
    const session = async () =>
      (await create({ create: "ps -o ppid= -p $$" })).outputs.stdout as string;
    const first = (await session()).trim();
    expect((await session()).trim()).toBe(first);
    await server.stop();
    await server.start();
    expect((await session()).trim()).not.toBe(first);
  });

  test("more parallel commands than sshd allows on one connection", async () => {
    const all = Array.from({ length: 14 }, (_, n) => create({ create: `echo ${n}` }));
    const outputs = (await Promise.all(all)).map((created) => created.outputs.stdout);
    expect(outputs).toEqual(Array.from({ length: 14 }, (_, n) => String(n)));
  });

  test("cancelling ends the command on the machine", async () => {
    const pidFile = path.join(server.folder, "pid-of-sleep");
    const controller = new AbortController();
    const running = create(
      { create: `echo $$ > ${pidFile}; echo started; exec sleep 30` },
      controller.signal,
    );
    const outcome = expect(running).rejects.toThrow("stop");
    await pollUntil(() => lines.includes("started"), { what: "start", timeoutSeconds: 10 });
    controller.abort(new Error("stop"));
    await outcome;
    // sshd passes no signals on to a session of root's ("session signalling requires privilege separation").
    if (process.getuid?.() === 0) return;
    const pid = fs.readFileSync(pidFile, "utf8").trim();
    await pollUntil(() => !fs.existsSync(`/proc/${pid}`), { what: "end", timeoutSeconds: 10 });
  });

  test("a command with a secret input has secret output", async () => {
    const { outputs } = await command().create({
      ...request(),
      inputs: { connection: server.connection, create: "cat", stdin: "s3cret" },
      secretInputs: new Set(["connection", "stdin"]),
    });
    expect(outputs.stdout).toMatchObject({ value: "s3cret" });
  });

  test("delete runs at deletion", async () => {
    const file = path.join(server.folder, "deleted");
    await command().delete({
      ...request(),
      id: "x",
      inputs: {},
      state: { connection: server.connection, create: "true", delete: `touch ${file}`, stdout: "" },
    });
    expect(fs.existsSync(file)).toBe(true);
  });

  test("changed triggers replace; anything else updates", async () => {
    const diff = (oldInputs: Inputs, news: Inputs) =>
      command().diff({ ...request(), id: "x", olds: {}, oldInputs, news, ignoreChanges: [] });
    expect(await diff({ triggers: [1] }, { triggers: [2] })).toEqual({
      changes: [{ path: "triggers[0]", kind: "update", replaces: true }],
    });
    expect(await diff({ create: "a" }, { create: "b" })).toEqual({
      changes: [{ path: "create", kind: "update" }],
    });
  });

  describe("CopyToRemote", () => {
    const copy = (source: unknown, remotePath: string) =>
      handler("command:remote:CopyToRemote").create({
        ...request(),
        inputs: { connection: server.connection, source, remotePath },
      });
    const at = (...names: string[]) => path.join(server.folder, ...names);
    const read = (...names: string[]) => fs.readFileSync(at(...names), "utf8");

    test("a text, into new folders and over an existing file", async () => {
      await copy(asset({ hash: "1", text: "first" }), at("made", "for", "it.txt"));
      await copy(asset({ hash: "2", text: "2" }), at("made", "for", "it.txt"));
      expect(read("made", "for", "it.txt")).toBe("2");
      await copy(asset({ hash: "3" }), at("empty.txt"));
      expect(read("empty.txt")).toBe("");
      await expect(copy(asset({ hash: "1", text: "x" }), at("made"))).rejects.toThrow(
        `remote path ${at("made")} is a directory`,
      );
    });

    test("a file, to a name or into a folder", async () => {
      fs.mkdirSync(at("folder"));
      fs.writeFileSync(at("source.bin"), Buffer.alloc(100_000, "b"));
      const source = asset({ hash: "1", path: at("source.bin") });
      await copy(source, at("copied.bin"));
      await copy(source, at("folder"));
      expect(read("copied.bin")).toBe(read("source.bin"));
      expect(read("folder", "source.bin")).toBe(read("source.bin"));
    });

    test("a folder, or with a slash at the end its content", async () => {
      fs.mkdirSync(at("tree", "deep"), { recursive: true });
      fs.writeFileSync(at("tree", "deep", "leaf"), "leaf");
      await copy(archive({ hash: "1", path: at("tree") }), at("copies"));
      await copy(archive({ hash: "1", path: `${at("tree")}/` }), at("contents"));
      expect(read("copies", "tree", "deep", "leaf")).toBe("leaf");
      expect(read("contents", "deep", "leaf")).toBe("leaf");
      fs.writeFileSync(at("a-file"), "");
      await expect(copy(archive({ hash: "1", path: at("tree") }), at("a-file"))).rejects.toThrow(
        `remote path ${at("a-file")} exists but is not a directory`,
      );
    });

    test("an unchanged source isn't copied again; a deletion keeps the file", async () => {
      const copies = handler("command:remote:CopyToRemote");
      const source = asset({ hash: "1", text: "text" });
      const inputs = { connection: server.connection, source, remotePath: at("kept") };
      await copies.update?.({ ...request(), id: "x", oldInputs: {}, olds: inputs, news: inputs });
      expect(fs.existsSync(at("kept"))).toBe(false);
      await copies.create({ ...request(), inputs });
      await copies.delete({ ...request(), id: "x", inputs, state: inputs });
      expect(read("kept")).toBe("text");
    });

    test("an unsupported source is reported before anything runs", async () => {
      const check = async (source: unknown) =>
        (
          await handler("command:remote:CopyToRemote").check?.({
            ...request(),
            olds: {},
            news: { connection: server.connection, source, remotePath: "/x" },
            randomSeed: new Uint8Array(),
          })
        )?.failures;
      expect(await check(asset({ uri: "https://example.com/x" }))).toMatchObject([
        { property: "asset" },
      ]);
      expect(await check(archive({ assets: {} }))).toMatchObject([{ property: "archive" }]);
      expect(await check("text")).toMatchObject([{ property: "asset" }]);
    });
  });
});
