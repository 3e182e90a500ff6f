import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { recordProcess } from "../../../../common/child-process";
import { createSessionFolder, sessionsFolder } from "../../../../cli/access/session-folder";
import { UserError } from "../../../../common/user-error";

let place: string;
beforeEach(() => {
  place = fs.mkdtempSync(path.join(os.tmpdir(), "sessions-"));
});
afterEach(() => {
  fs.rmSync(place, { recursive: true, force: true });
});

const old = (folder: string) => {
  fs.mkdirSync(folder);
  return folder;
};

test("a session's folder is this user's alone, below XDG_RUNTIME_DIR where there is one", () => {
  const sessions = sessionsFolder({ XDG_RUNTIME_DIR: place });
  expect(path.dirname(sessions)).toBe(place);
  const folder = createSessionFolder(sessions);
  for (const each of [sessions, folder]) expect(fs.statSync(each).mode & 0o777).toBe(0o700);
  expect(sessionsFolder({ XDG_RUNTIME_DIR: "/nowhere" })).toMatch(/pg-audit-lab-\d+$/);
});

test("the folders of ended processes are removed, those of running ones stay", () => {
  const sessions = sessionsFolder({ XDG_RUNTIME_DIR: place });
  const mine = createSessionFolder(sessions);
  const ended = old(path.join(sessions, "s-ended"));
  const { pid } = spawnSync("true");
  recordProcess(path.join(ended, "owner"), pid);
  const reused = old(path.join(sessions, "s-reused"));
  // Another process has the id now.
  fs.writeFileSync(
    path.join(reused, "owner"),
    JSON.stringify({ pid: process.pid, startTime: "1" }),
  );
  const starting = old(path.join(sessions, "s-starting"));
  const next = createSessionFolder(sessions);
  expect(fs.readdirSync(sessions).sort()).toEqual(
    [mine, starting, next].map((folder) => path.basename(folder)).sort(),
  );
});

test("a folder that others can open is refused", () => {
  fs.mkdirSync(path.join(place, "pg-audit-lab"));
  fs.chmodSync(path.join(place, "pg-audit-lab"), 0o755);
  expect(() => sessionsFolder({ XDG_RUNTIME_DIR: place })).toThrow(UserError);
});
