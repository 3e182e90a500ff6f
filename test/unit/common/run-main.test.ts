import { spawnSync } from "node:child_process";
import * as path from "node:path";

function main(thrown: string, env: NodeJS.ProcessEnv = {}) {
  const program = `require("./common/run-main").runMain(async () => { throw ${thrown}; }, "tool");`;
  return spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", program], {
    cwd: path.join(__dirname, "../../.."),
    encoding: "utf8",
    env: { ...process.env, DEBUG: "", ...env },
  });
}

test("an error is its message, the lines as they are, and its control characters as escapes", () => {
  const { status, stderr } = main(String.raw`new Error("a\x1b[2J\n\tb\u009b\u202e")`);
  expect(stderr).toBe("tool: a\\x1b[2J\n\tb\\x9b\\u202e\n");
  expect(status).toBe(1);
});

test("also the stack that DEBUG adds has no control characters", () => {
  const { stderr } = main(String.raw`new Error("a\x1b[2J")`, { DEBUG: "1" });
  expect(stderr).toMatch(/\n\s+at /);
  expect(stderr).not.toContain("\x1b");
});

test("a long line of the message is cut, because Pulumi's command plugin never reads past one of 64 KiB", () => {
  const { stderr } = main('new Error("a" + "é".repeat(1_000_000) + "\\nb")');
  expect(stderr).toMatch(/^tool: aé{3000,4000} \[the rest of this line was cut\]\nb\n$/);
});
