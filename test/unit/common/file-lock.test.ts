import execa from "execa";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { lockHolder, tryLock, withLock } from "../../../common/file-lock";
import { PROJECT_ROOT } from "../../../local/paths";
import { plainEnv } from "../../support/plain-env";
import { tempFolder } from "../support/temp-folder";

const folder = tempFolder();
const lock = () => path.join(folder(), "sub", "work.lock");
const wait = () => ({ what: "the other run", timeoutSeconds: 20, onWait: () => {} });

describe("a lock that is waited for", () => {
  test("allows one process at a time, and reports the wait", async () => {
    const events: string[] = [];
    let second: Promise<unknown> = Promise.resolve();
    await withLock(lock(), wait(), async () => {
      events.push("first begins");
      await new Promise<void>((resolve) => {
        const onWait = () => {
          events.push("second waits");
          resolve();
        };
        second = withLock(lock(), { ...wait(), onWait }, async () => events.push("second"));
      });
      events.push("first ends");
    });
    await second;
    expect(events).toEqual(["first begins", "second waits", "first ends", "second"]);
    expect(fs.readdirSync(path.dirname(lock()))).toEqual([]);
  });

  test("is released after a failure, and the wait for it has a time limit", async () => {
    const failing = withLock(lock(), wait(), async () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await withLock(lock(), wait(), async () => {
      const impatient = { ...wait(), timeoutSeconds: 0 };
      await expect(withLock(lock(), impatient, async () => "never")).rejects.toThrow(
        "the other run: not within 0 s",
      );
    });
  });

  test("ends the wait when it is aborted", async () => {
    const controller = new AbortController();
    const onWait = () => controller.abort(new Error("interrupted"));
    await withLock(lock(), wait(), async () => {
      const waiting = { ...wait(), onWait, signal: controller.signal };
      await expect(withLock(lock(), waiting, async () => "never")).rejects.toThrow("interrupted");
    });
  });
});

interface OtherHolder {
  readonly pid: number | undefined;
  stop(): void;
  kill(): Promise<void>;
}

/** A process that has acquired the lock and goes on until it is killed. */
async function otherHolder(): Promise<OtherHolder> {
  const source = `
    const { tryLock } = require("./common/file-lock");
    tryLock(process.argv[1]).then((release) => console.log(release ? "acquired" : "refused"));
    setInterval(() => undefined, 1000);`;
  const child = execa(process.execPath, ["--import", "tsx", "-e", source, lock()], {
    ...{ cwd: PROJECT_ROOT, env: plainEnv, extendEnv: false, reject: false },
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  expect(line.toString()).toBe("acquired\n");
  return {
    pid: child.pid,
    stop: () => void child.kill("SIGSTOP"),
    kill: async () => {
      child.kill("SIGKILL");
      await child;
    },
  };
}

describe("the lock of another process", () => {
  test("names its holder, is respected while that is stopped, and is taken over at once after its death", async () => {
    const child = await otherHolder();
    expect(lockHolder(lock())?.pid).toBe(child.pid);
    child.stop();
    // As if it had renewed nothing for a minute.
    fs.utimesSync(lock(), Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    expect(await tryLock(lock())).toBeUndefined();
    await child.kill();
    fs.utimesSync(lock(), Date.now() / 1000, Date.now() / 1000);
    const release = await tryLock(lock());
    expect(release).toBeDefined();
    expect(lockHolder(lock())?.pid).toBe(process.pid);
    await release?.();
  });

  test("is taken over by one of several that find its holder dead", async () => {
    const child = await otherHolder();
    await child.kill();
    const all = await Promise.all(Array.from({ length: 8 }, () => tryLock(lock())));
    expect(all.filter(Boolean)).toHaveLength(1);
    await all.find(Boolean)?.();
    expect(fs.readdirSync(path.dirname(lock()))).toEqual([]);
  });

  test("is taken over where another process has the dead holder's id by now", async () => {
    const child = await otherHolder();
    await child.kill();
    const holder = { ...lockHolder(lock()), pid: process.pid };
    fs.writeFileSync(`${lock()}.holder`, JSON.stringify(holder));
    const release = await tryLock(lock());
    expect(release).toBeDefined();
    await release?.();
    expect(fs.readdirSync(path.dirname(lock()))).toEqual([]);
  });
});
