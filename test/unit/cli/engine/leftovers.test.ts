import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { commandMark, endLeftovers } from "../../../../cli/engine/leftovers";
import { backendUrl } from "../../../../local/engine/engine";
import { plainEnv } from "../../../support/plain-env";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started) child.kill("SIGKILL");
});

const DEAD_COMMAND = { PG_AUDIT_LAB_COMMAND: '{"pid":999999999,"startTime":"1"}' };

/** A process with an environment of the engine that says when it is ready, and then how it ends. */
async function start(
  name: string,
  source: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", `${source}; console.log("ready")`, name], {
    argv0: name,
    env: { ...plainEnv, PULUMI_BACKEND_URL: backendUrl({ pulumiState: folder() }), ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  await once(child.stdout as NodeJS.ReadableStream, "data");
  return child;
}

const STAYS = "setInterval(() => undefined, 1000)";
const ENDS_IN_ORDER = `${STAYS}; process.on("SIGINT", () => process.exit(3))`;
const IGNORES = `${STAYS}; process.on("SIGTERM", () => undefined)`;
/** A plugin as a child of the process. */
const WITH_PLUGIN = `${STAYS}; require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(STAYS)}, "/x/bundles/provider-tls.js"])`;

/** How a process has ended, once its parent has heard of it. */
async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? child.signalCode;
}

async function leftovers(): Promise<string[]> {
  const lines: string[] = [];
  await endLeftovers({ pulumiState: folder() }, (line) => lines.push(line));
  return lines;
}

test("the engine of a killed command is interrupted, so that it writes its state, and is named", async () => {
  const engine = await start("pulumi", ENDS_IN_ORDER, DEAD_COMMAND);
  expect(await leftovers()).toEqual([
    `The engine of a killed command still runs (process ${engine.pid}): interrupting it, so that it writes its state.`,
  ]);
  expect(await endOf(engine)).toBe(3);
});

test("a plugin without an engine is ended, also where it ignores the signal", async () => {
  const plugin = await start("/x/bundles/provider-command.js", IGNORES);
  const [line] = await leftovers();
  expect(line).toBe(
    `Ending what a killed engine left running: provider-command (process ${plugin.pid}).`,
  );
  expect(await endOf(plugin)).toBe("SIGKILL");
});

test.each([
  ["that somebody runs", {}],
  ["of a command that runs", commandMark()],
])(
  "an engine %s is left alone with its plugins, which are ended after its death",
  async (_, mark) => {
    const engine = await start("/usr/bin/pulumi", WITH_PLUGIN, mark);
    expect(await leftovers()).toEqual([]);
    expect(engine.exitCode).toBeNull();
    engine.kill("SIGKILL");
    await endOf(engine);
    expect((await leftovers()).join()).toContain("provider-tls");
  },
);

test("a shell with the lab's variables isn't an engine, and other labs' engines are others'", async () => {
  const shell = await start("bash", STAYS);
  const other = await start("pulumi", STAYS, {
    ...DEAD_COMMAND,
    PULUMI_BACKEND_URL: "file:///elsewhere",
  });
  expect(await leftovers()).toEqual([]);
  expect([shell.exitCode, other.exitCode]).toEqual([null, null]);
});
