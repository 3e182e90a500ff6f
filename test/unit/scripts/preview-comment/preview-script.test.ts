import execa from "execa";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "../../../..");
const FIXTURES = path.join(__dirname, "fixtures");

/** Stands in for Pulumi's CLI: prints a real preview, and notes how it was called. */
const fakePulumi = (json: string, status: number) => `#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$(dirname "$0")/calls"
if [[ $* == *--json* ]]; then
  ${json}
  exit ${status}
fi
cat '${FIXTURES}/update.diff.txt'
`;

describe("preview.sh and the comment made of what it leaves", () => {
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  const options = () => ({
    cwd: ROOT,
    env: { PATH: `${folder}:${process.env.PATH}` },
    reject: false as const,
  });
  const preview = (json: string, status = 0) => {
    fs.writeFileSync(at("pulumi"), fakePulumi(json, status), { mode: 0o755 });
    return execa("scripts/preview-comment/preview.sh", ["dev", at("preview")], options());
  };
  const comment = async (...args: string[]) => {
    const words = ["--import", "tsx", "scripts/preview-comment.ts", "--stack", "dev", ...args];
    return execa(process.execPath, [...words, at("preview")], options());
  };

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "preview-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  test("changes: the comment has the table and the diff, whose text is in the log too", async () => {
    const { exitCode, stdout } = await preview(`cat '${FIXTURES}/update.json'`);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('~ value: "ALL" => "READ,WRITE"');
    const { stdout: markdown } = await comment();
    expect(markdown).toContain("**1 to update**");
    expect(markdown).toContain('~ value: "ALL" => "READ,WRITE"');
  });

  test("a refused configuration: its status comes through, and the comment says why", async () => {
    const { exitCode } = await preview(`cat '${FIXTURES}/invalid-config.json'`, 1);
    expect(exitCode).toBe(1);
    expect(fs.readFileSync(at("calls"), "utf8")).not.toContain("--diff");
    const { stdout: markdown } = await comment();
    expect(markdown).toContain("The configuration has 2 problems");
  });

  test("a CLI that prints no JSON: the comment shows its error, and so does the log", async () => {
    const { exitCode, stderr } = await preview("echo 'error: no stack named dev found' >&2", 255);
    expect(exitCode).toBe(255);
    expect(stderr).toContain("no stack named dev");
    const { stdout: markdown } = await comment();
    expect(markdown).toContain("no stack named dev");
  });

  test("an earlier preview's diff isn't shown with a later one", async () => {
    await preview(`cat '${FIXTURES}/update.json'`);
    await preview(`cat '${FIXTURES}/invalid-config.json'`, 1);
    expect(fs.readFileSync(at("preview/diff.txt"), "utf8")).toBe("");
  });

  test("posting without a token says which variable is missing", async () => {
    await preview(`cat '${FIXTURES}/no-change.json'`);
    const { exitCode, stderr } = await comment("--post", "7");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/GITHUB_\w+ is not set/);
  });
});
