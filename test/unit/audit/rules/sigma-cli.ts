import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.join(__dirname, "../../../..");
const REQUIREMENTS = path.join(ROOT, "audit/rules/kusto-requirements.txt");

/** What `sigma` needs and this machine lacks; undefined if nothing. */
export function missingForSigma(): string | undefined {
  const { status } = spawnSync("python3", ["-c", "import ensurepip, venv"]);
  return status === 0 ? undefined : "python3 with venv (Debian: python3-venv)";
}

/** The program `sigma` of these requirements. It is installed from PyPI once, in a folder of .lab. */
export function ensureSigma(): string {
  const hash = createHash("sha256").update(fs.readFileSync(REQUIREMENTS)).digest("hex");
  const folder = path.join(ROOT, ".lab/python", `sigma-${hash.slice(0, 12)}`);
  const complete = path.join(folder, "complete");
  if (!fs.existsSync(complete)) {
    const run = (program: string, ...args: string[]) =>
      execFileSync(program, args, { encoding: "utf8", stdio: "pipe" });
    run("python3", "-m", "venv", "--clear", folder);
    run(path.join(folder, "bin/pip"), "install", "--quiet", "--no-deps", "-r", REQUIREMENTS);
    fs.writeFileSync(complete, "");
  }
  return path.join(folder, "bin/sigma");
}
