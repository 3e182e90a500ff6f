import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { lockFolder } from "../../../../cli/engine/file-backend";
import { removeDeadLocks } from "../../../../cli/engine/stack-locks";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const HOUR = 60 * 60_000;
const DEAD_PID = 999_999_999;

/** A lock as Pulumi's file backend writes it. */
function writeLock(content: object | string): string {
  const locks = lockFolder(folder(), "local");
  fs.mkdirSync(locks, { recursive: true });
  const lock = path.join(locks, "748aff13-9162-4123-9f41-294648b5c5d7.json");
  fs.writeFileSync(lock, typeof content === "string" ? content : JSON.stringify(content));
  return lock;
}

const lockOf = (pid: number, timestamp = new Date(), hostname = os.hostname()) => ({
  ...{ pid, username: "me", hostname },
  timestamp: timestamp.toISOString(),
});

function remove(): { removed: boolean; lines: string[] } {
  const lines: string[] = [];
  return { removed: removeDeadLocks(folder(), "local", (line) => lines.push(line)), lines };
}

test("without a lock there is nothing to do", () => {
  expect(remove()).toEqual({ removed: false, lines: [] });
});

test("the lock of an engine that was killed is removed, with a line that says so", () => {
  const lock = writeLock(lockOf(DEAD_PID));
  const { removed, lines } = remove();
  expect(removed).toBe(true);
  expect(lines.join()).toContain(`an engine that was killed: process ${DEAD_PID}`);
  expect(fs.readdirSync(path.dirname(lock))).toEqual([]);
});

test("so is a lock whose process id another process has by now", () => {
  // This process started after the lock was written.
  writeLock(lockOf(process.pid, new Date(Date.now() - HOUR)));
  expect(remove().removed).toBe(true);
});

test.each([
  ["of a process that runs", lockOf(process.pid), `process ${process.pid} of me`],
  ["of another machine", lockOf(DEAD_PID, new Date(), "elsewhere"), "on elsewhere"],
  ["that isn't readable", '{"pid":', "isn't readable as a lock"],
])("a lock %s is respected, and named", (_, content, text) => {
  const lock = writeLock(content);
  expect(remove).toThrow(text);
  expect(fs.existsSync(lock)).toBe(true);
});
