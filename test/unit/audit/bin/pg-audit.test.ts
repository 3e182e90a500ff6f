import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";

const PROGRAM = path.join(__dirname, "../../../../audit/bin/pg-audit.js");
const folder = tempFolder();

const audit = (...args: string[]) => spawnSync(PROGRAM, args, { encoding: "utf8" });

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
