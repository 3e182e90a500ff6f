import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { pollUntil } from "../../../../common/poll";
import { plainEnv } from "../../../support/plain-env";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";

const PROGRAM = path.join(__dirname, "../../../../audit/bin/pg-audit.js");
const folder = tempFolder();

const audit = (...args: string[]) => spawnSync(PROGRAM, args, { encoding: "utf8", env: plainEnv });

test("pg-audit reads files, and reports broken lines by its exit status", () => {
  const file = path.join(folder(), "PT1H.json");
  const lines = ["SELECT 1", "DROP TABLE a"].map((statement) =>
    azureLine({ message: auditMessage("READ", "SELECT", statement) }),
  );
  fs.writeFileSync(file, `${lines.join("\n")}\n{"cut`);
  const { status, stdout, stderr } = audit("--grep", "drop table", "--format", "raw", file);
  expect(stdout).toBe(`${lines[1]}\n`);
  expect(stderr).toMatch(/1 record; 1 left out by the filters; 1 broken line:/);
  expect(status).toBe(2);
});

test("times without a zone are in this machine's, which is said; --time-zone names another", () => {
  const file = path.join(folder(), "PT1H.json");
  const message = auditMessage("READ", "SELECT", "SELECT 1");
  // At 17:51 UTC.
  fs.writeFileSync(file, `${azureLine({ message })}\n`);
  const read = (TZ: string, ...args: string[]) =>
    spawnSync(
      PROGRAM,
      ["--since", "2026-11-22T18:51", "--until", "2026-11-22T18:52", ...args, file],
      {
        encoding: "utf8",
        env: { ...plainEnv, TZ },
      },
    );
  const paris = read("Europe/Paris", "--format", "table");
  expect(paris.stdout).toMatch(/2026-11-22 \(UTC\)\n17:51:17 .*SELECT 1\n$/);
  expect(paris.stderr).toMatch(
    /^audit: times without a zone were read as Europe\/Paris \(--time-zone names another\)\n/,
  );
  const utc = read("UTC");
  expect(utc.stdout).toBe("");
  expect(utc.stderr).not.toContain("zone");
  const named = read("UTC", "--time-zone", "Europe/Paris", "--format", "table");
  expect(named.stdout).toMatch(/2026-11-22 \(Europe\/Paris, UTC\+01:00\)\n18:51:17 /);
  expect(named.stderr).not.toContain("zone");
});

test("pg-audit reports files that can't be read by its exit status, and names them", () => {
  fs.writeFileSync(path.join(folder(), "a.json"), `${azureLine({ message: "a" })}\n`);
  fs.symlinkSync("nowhere", path.join(folder(), "b\x1b[2J.json"));
  const { status, stdout, stderr } = audit("--format", "raw", folder());
  expect(stdout).toBe(`${azureLine({ message: "a" })}\n`);
  expect(stderr).toBe(
    `audit: ${folder()}/b\\x1b[2J.json: it doesn't exist, or is a link to a file that doesn't exist (ENOENT)\n` +
      "audit: 1 record; 1 file not or not fully read\n",
  );
  expect(status).toBe(2);
  expect(audit(folder(), path.join(folder(), "missing"))).toMatchObject({ status: 1, stdout: "" });
});

test("pg-audit finds its rules beside the bundle", () => {
  const file = path.join(folder(), "PT1H.json");
  const message = auditMessage("DDL", "DROP TABLE", "DROP TABLE a");
  fs.writeFileSync(file, `${azureLine({ message })}\n`);
  const { status, stdout } = audit("--notable", "--fail-on", "high", "--format", "csv", file);
  expect(stdout).toMatch(
    /^time,.*\r\n2026-.*,high,"Table, schema or database dropped or truncated",/,
  );
  expect(status).toBe(3);
});

test("pg-audit loads the modules for a storage account", () => {
  const { status, stderr } = audit("--container-url", "nonsense");
  expect(stderr).toMatch(/^audit: .*nonsense/);
  expect(stderr).not.toMatch(/module/i);
  expect(status).toBe(1);
});

test("pg-audit without a place names the possible ones", () => {
  const { status, stderr } = audit();
  expect(stderr).toBe(
    "audit: Nothing to read: give files or folders, - for standard input, or --container-url.\nTry: pg-audit --help\n",
  );
  expect(status).toBe(1);
});

test("pg-audit says where its report is, and opens it in the user's browser", async () => {
  const [trail, report, browser, log] = ["PT1H.json", "my report.html", "browser", "opened"].map(
    (name) => path.join(folder(), name),
  ) as [string, string, string, string];
  const message = auditMessage("READ", "SELECT", "SELECT 1");
  fs.writeFileSync(trail, `${azureLine({ message })}\n`);
  const program = (file: string, body: string) =>
    fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  program(browser, `printf '%s' "$1" >${log}.part && mv ${log}.part ${log}`);
  // Without the programs that this machine has for HTML.
  for (const name of ["run-mailcap", "mimeopen"]) program(path.join(folder(), name), "exit 1");
  const env = {
    ...plainEnv,
    ...{ DISPLAY: ":99", BROWSER: browser, PATH: `${folder()}:${process.env.PATH}` },
    ...{ XDG_DATA_DIRS: folder(), XDG_DATA_HOME: folder(), XDG_CURRENT_DESKTOP: "" },
  };
  const args = ["--html", report, "--open", trail];
  const { status, stderr } = spawnSync(PROGRAM, args, { encoding: "utf8", env });
  const address = pathToFileURL(report).href;
  expect(stderr).toContain(`audit: the report is ${address}\n`);
  expect(address).toContain("/my%20report.html");
  expect(status).toBe(0);
  await pollUntil(() => fs.existsSync(log), { what: "the browser", timeoutSeconds: 20 });
  expect(fs.readFileSync(log, "utf8")).toBe(address);
});
