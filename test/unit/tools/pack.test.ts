import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pack } from "../../../tools/pack";
import { tempFolder } from "../support/temp-folder";

const ROOT = path.resolve(__dirname, "../../..");
const folder = tempFolder();

/** Unpacks a workspace in an empty project in which only the packages are installed that the packed one names. */
async function install(workspace: string): Promise<string> {
  const file = await pack(workspace, folder());
  const target = path.join(folder(), "node_modules", "@pg-audit-lab", workspace);
  fs.mkdirSync(target, { recursive: true });
  spawnSync("tar", ["xzf", file, "-C", target, "--strip-components", "1"]);
  const { dependencies } = JSON.parse(
    fs.readFileSync(path.join(target, "package.json"), "utf8"),
  ) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    const place = path.join(folder(), "node_modules", name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    const own = path.join(ROOT, workspace, "node_modules", name);
    fs.symlinkSync(fs.existsSync(own) ? own : path.join(ROOT, "node_modules", name), place);
  }
  return target;
}

const run = (program: string, args: readonly string[]) =>
  spawnSync(process.execPath, [program, ...args], { cwd: folder(), encoding: "utf8" });

describe("a packed workspace works without the rest of the project", () => {
  test("audit: reads in threads, and writes a report", async () => {
    const program = path.join(await install("audit"), "audit/bin/pg-audit.js");
    const trail = path.join(ROOT, "test/unit/audit/decode/fixtures/trail.jsonlog");
    const counted = run(program, ["--threads", "2", "--summary", "--format", "json", trail]);
    expect(JSON.parse(counted.stdout)).toMatchObject({ records: 14 });
    expect(run(program, ["--html", "report.html", trail]).status).toBe(0);
    expect(fs.readFileSync(path.join(folder(), "report.html"), "utf8")).toContain("<script");
  });

  test("local: has its state in the current folder", async () => {
    const program = path.join(await install("local"), "local/bin/local-azure.js");
    expect(run(program, ["--help"]).stdout).toContain("Usage: local-azure");
    const { status, stderr } = run(program, ["env"]);
    expect(status).toBe(1);
    expect(stderr).toContain(`No local Azure runs in ${path.join(folder(), ".lab")}`);
  });

  test("another name is an error that names the workspaces", async () => {
    await expect(pack("cli", folder())).rejects.toThrow(
      '"cli" can\'t be packed; name one of audit',
    );
  });
});
