import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readRecords } from "../../../../cli/lab/statements";

const MIB = 1024 ** 2;
const PID = 4711;
const RECORDS = ["DDL,CREATE TABLE", "WRITE,INSERT"].map(
  (what) => `{"properties":{"processId":${PID},"message":"AUDIT: SESSION,1,1,${what}"}}`,
);

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "statements-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/**
 * The log file of an hour in both mounts, at this size, with the records at its end. As in a mount whose cache is too
 * small, a file that is `unreadable` is a folder in the mount with the cache.
 */
function write(hour: "now" | "last", size: number, unreadable = false): void {
  const time = new Date(Date.now() - (hour === "last" ? 3_600_000 : 0));
  const part = time.toISOString().slice(0, 13);
  const file = (mount: string) => path.join(folder, mount, "resourceId=/S", part, "PT1H.json");
  const text = `\n${RECORDS.join("\n")}\n`;
  fs.mkdirSync(path.dirname(file("uncached")), { recursive: true });
  fs.writeFileSync(file("uncached"), "");
  fs.truncateSync(file("uncached"), size);
  fs.appendFileSync(file("uncached"), text);
  if (unreadable) fs.mkdirSync(file("mycontainer"), { recursive: true });
  else
    fs.cpSync(path.dirname(file("uncached")), path.dirname(file("mycontainer")), {
      recursive: true,
    });
}

async function read() {
  const warnings: string[] = [];
  const commands: string[] = [];
  const records = await readRecords(
    {
      run: async (command) => {
        commands.push(command);
        return execFileSync("sh", ["-c", command], { encoding: "utf8", stdio: "pipe" });
      },
    },
    {
      mountPath: path.join(folder, "mycontainer"),
      uncachedMountPath: path.join(folder, "uncached"),
      logFolder: path.join(folder, "mycontainer", "resourceId=/S", "$(date -u +%Y-%m-%dT%H)"),
      cacheSizeMb: 64,
    },
    PID,
    0,
    (text) => warnings.push(text),
  );
  return { records, warnings };
}

test.each(["now", "last"] as const)("reads the records of the hour: %s", async (hour) => {
  write(hour, 0);
  expect(await read()).toEqual({ records: RECORDS, warnings: [] });
});

test("reads them where the file is larger than the mount's cache, and says so", async () => {
  write("now", 80 * MIB, true);
  const { records, warnings } = await read();
  expect(records).toEqual(RECORDS);
  expect(warnings).toEqual([
    expect.stringMatching(
      /has 81 MiB, and the cache of \S+ 64 MiB \(cacheSizeMb\)\. There it can't be read/,
    ),
  ]);
});
