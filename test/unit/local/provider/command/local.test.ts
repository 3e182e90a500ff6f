import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../../../common/poll";
import { commandProvider } from "../../../../../local/provider/command/provider";
import type { EngineLog, Inputs, ResourceHandler } from "../../../../../local/provider/protocol";

describe("local commands", () => {
  const provider = commandProvider("1.2.1");
  const command = provider.resources("command:local:Command") as ResourceHandler;
  let lines: string[];
  /** Messages that the engine repeats after the update. */
  let permanent: string[];
  const log: EngineLog = {
    warn: (line) => permanent.push(line),
    error: (line) => permanent.push(line),
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
    secretInputs: new Set<string>(),
  });
  const create = (inputs: Inputs, signal?: AbortSignal) =>
    command.create({ ...request(signal), inputs });

  beforeEach(() => {
    lines = [];
    permanent = [];
  });

  test("runs with its environment, folder, interpreter and input", async () => {
    const { outputs } = await create({
      create: 'echo "$LAB_WORD $PWD $(cat)"',
      environment: { LAB_WORD: "word" },
      dir: "/",
      interpreter: ["/bin/bash", "-c"],
      stdin: "input",
    });
    expect(outputs.stdout).toBe("word / input");
    expect(lines).toEqual(["word / input"]);
  });

  test("shows each line as an ephemeral message while it runs, and nothing permanent", async () => {
    const file = path.join(os.tmpdir(), `lines-${process.pid}`);
    const wait = `while [ ! -e ${file} ]; do sleep 0.05; done`;
    const running = create({ create: `echo one; printf 'two\\r\\n' >&2; ${wait}; printf three` });
    await pollUntil(() => lines.length === 2, { what: "two lines", timeoutSeconds: 10 });
    expect([...lines].sort()).toEqual(["one", "two"]);
    fs.writeFileSync(file, "");
    await running;
    fs.rmSync(file);
    expect(lines[2]).toBe("three");
    expect(permanent).toEqual([]);
  });

  test("a failing command reports its status, its text and its output", async () => {
    await expect(create({ create: "echo why >&2; exit 7" })).rejects.toThrow(
      'exit status 7: running "echo why >&2; exit 7":\nwhy\n',
    );
    await expect(create({ create: "x", dir: "/nowhere" })).rejects.toThrow("running");
  });

  test("a line of 64 KiB is an error where the real plugin waits for ever, in whatever stream", async () => {
    const print = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x`;
    const message = "printed a line of more than 65535 bytes";
    await expect(create({ create: print(65_536) })).rejects.toThrow(message);
    await expect(create({ create: `${print(1_000_000)} >&2; exit 7` })).rejects.toThrow(message);
    const { outputs } = await create({ create: print(65_535) });
    expect(outputs.stdout).toHaveLength(65_535);
    expect((await create({ create: print(65_536), logging: "none" })).outputs.stdout).toHaveLength(
      65_536,
    );
  });

  test("update runs `update`, else `create` again, with the previous output", async () => {
    const update = (news: Inputs) =>
      command.update?.({
        ...request(),
        id: "x",
        oldInputs: {},
        olds: { stdout: "before", stderr: "" },
        news,
      });
    const print = "printf %s $PULUMI_COMMAND_STDOUT";
    expect(await update({ create: "false", update: print })).toMatchObject({ stdout: "before" });
    expect(await update({ create: print })).toMatchObject({ stdout: "before" });
    expect(await update({ create: print, addPreviousOutputInEnv: false })).toMatchObject({
      stdout: "",
    });
    expect(await update({})).toMatchObject({ stdout: "before" });
  });

  test("a preview runs nothing, and its output is unknown", async () => {
    const file = path.join(os.tmpdir(), `preview-${process.pid}`);
    const { outputs } = await command.create({
      ...request(),
      preview: true,
      inputs: { create: `touch ${file}` },
    });
    expect(fs.existsSync(file)).toBe(false);
    expect(outputs.stdout).toBe("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
  });

  test("cancelling ends the command with all of its processes", async () => {
    const controller = new AbortController();
    const running = create({ create: "sleep 600 & echo $!; wait" }, controller.signal);
    const outcome = expect(running).rejects.toThrow("stop");
    await pollUntil(() => lines.length > 0, { what: "start", timeoutSeconds: 10 });
    controller.abort(new Error("stop"));
    await outcome;
    const ended = () => {
      const status = `/proc/${lines[0]}/status`;
      return !fs.existsSync(status) || /State:\s+Z/.test(fs.readFileSync(status, "utf8"));
    };
    await pollUntil(ended, { what: "the child to end", timeoutSeconds: 10 });
  });

  test("unsupported inputs are reported before anything runs", async () => {
    const checked = await command.check?.({
      ...request(),
      olds: {},
      news: { create: "true", assetPaths: ["*"] },
      randomSeed: new Uint8Array(),
    });
    expect(checked?.failures).toMatchObject([{ property: "assetPaths" }]);
    expect(provider.resources("command:remote:CopyFile")).toBeUndefined();
  });
});
