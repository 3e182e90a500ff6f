import * as fs from "node:fs";
import * as path from "node:path";
import {
  describeEnd,
  type ProcessEnd,
  runningPid,
  spawnDetached,
  stopProcess,
} from "../../../common/child-process";
import { pollUntil } from "../../../common/poll";
import { choosePort, isPortFree } from "../../../common/ports";
import { tempFolder } from "../support/temp-folder";

const folder = tempFolder();
const pidFile = () => path.join(folder(), "run", "child.pid");
const logFile = () => path.join(folder(), "logs", "child.log");

function start(script: string): number {
  return spawnDetached("bash", ["-c", script], { pidFile: pidFile(), logFile: logFile() });
}
const logged = (line: string) =>
  pollUntil(() => fs.readFileSync(logFile(), "utf8").includes(line), {
    what: line,
    timeoutSeconds: 20,
  });

/** A process that has ended has no open files, also while it is a zombie. */
const ended = (pid: number) =>
  pollUntil(() => !fs.existsSync(`/proc/${pid}/fd/0`), {
    what: `process ${pid} to end`,
    timeoutSeconds: 20,
  });

describe("a process that outlives its parent", () => {
  afterEach(() => stopProcess(pidFile(), { signal: "SIGKILL" }));

  test("has ended only when its ports are free, however long its threads take", async () => {
    const port = await choosePort(0);
    // Much memory takes a while to be freed.
    const script =
      `const memory = Buffer.alloc(300_000_000, 1); ` +
      `require("net").createServer().listen(${port}, "127.0.0.1", () => console.log(memory.length));`;
    for (let round = 1; round <= 5; round++) {
      fs.rmSync(logFile(), { force: true });
      const pid = spawnDetached(process.execPath, ["-e", script], {
        pidFile: pidFile(),
        logFile: logFile(),
      });
      await logged("300000000");
      process.kill(pid, "SIGKILL");
      await pollUntil(() => runningPid(pidFile()) === undefined, {
        what: `process ${pid} to end`,
        timeoutSeconds: 20,
        intervalMilliseconds: 1,
      });
      expect({ round, isFree: await isPortFree(port) }).toEqual({ round, isFree: true });
    }
  });

  test("is found by its pid file, logs into a file that only its owner can read, and is stopped", async () => {
    const pid = start("echo ready; exec sleep 300");
    expect(runningPid(pidFile())).toBe(pid);
    await logged("ready");
    expect(fs.statSync(logFile()).mode & 0o077).toBe(0);
    await stopProcess(pidFile());
    await ended(pid);
    expect(fs.existsSync(pidFile())).toBe(false);
  });

  test("is killed with its children where it ignores the signal", async () => {
    const pid = start("trap '' TERM; sleep 300 & echo child $!; while :; do wait; done");
    await logged("child ");
    const child = Number(/child (\d+)/.exec(fs.readFileSync(logFile(), "utf8"))?.[1]);
    await stopProcess(pidFile(), { timeoutSeconds: 0 });
    await ended(pid);
    await ended(child);
  });

  test("is stopped by the signal also while it is suspended", async () => {
    const pid = start("trap 'echo in order; exit' TERM; echo ready; while :; do sleep 0.1; done");
    await logged("ready");
    process.kill(pid, "SIGSTOP");
    await stopProcess(pidFile());
    expect(fs.readFileSync(logFile(), "utf8")).toContain("in order");
  });

  test.each([
    ["exit 3", "ended with exit code 3"],
    ["kill -KILL $$", "was ended by SIGKILL"],
  ])("says how it ended: %s", async (script, words) => {
    const end = await new Promise<ProcessEnd>((onEnd) =>
      spawnDetached("bash", ["-c", script], { pidFile: pidFile(), logFile: logFile(), onEnd }),
    );
    expect(describeEnd(end)).toBe(words);
  });

  test("isn't confused with another process with its id, which isn't stopped", async () => {
    const pid = start("exec sleep 300");
    const record = JSON.parse(fs.readFileSync(pidFile(), "utf8")) as object;
    fs.writeFileSync(pidFile(), JSON.stringify({ ...record, startTime: "1" }));
    expect(runningPid(pidFile())).toBeUndefined();
    await stopProcess(pidFile());
    expect(fs.existsSync(`/proc/${pid}/fd/0`)).toBe(true);
    process.kill(pid, "SIGKILL");
  });

  test.each([undefined, "", "{", "123"])("isn't found with the pid file %j", async (text) => {
    fs.mkdirSync(path.dirname(pidFile()));
    if (text !== undefined) fs.writeFileSync(pidFile(), text);
    expect(runningPid(pidFile())).toBeUndefined();
    await stopProcess(pidFile());
    expect(fs.existsSync(pidFile())).toBe(false);
  });
});
