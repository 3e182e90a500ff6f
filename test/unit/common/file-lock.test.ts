import * as fs from "node:fs";
import * as path from "node:path";
import { withLock } from "../../../common/file-lock";
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
