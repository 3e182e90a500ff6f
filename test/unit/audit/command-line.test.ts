import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { tempFolder } from "../support/temp-folder";
import { auditMessage, azureLine } from "./azure-lines";

const PROJECT = path.join(__dirname, "../../..");
const folder = tempFolder();

/** Runs `npm run audit` as package.json has it. */
function audit(...args: string[]) {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(PROJECT, "package.json"), "utf8")) as {
    scripts: { audit: string };
  };
  const [program = "", ...words] = scripts.audit.split(" ");
  return spawnSync(program, [...words, ...args], { cwd: PROJECT, encoding: "utf8" });
}

test("npm's script reads files, and says by its exit status that some lines are broken", () => {
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

test("npm's script loads what it needs for a storage account", () => {
  const { status, stderr } = audit("--container-url", "nonsense");
  expect(stderr).toMatch(/^audit: .*nonsense/);
  expect(stderr).not.toMatch(/module/i);
  expect(status).toBe(1);
});
