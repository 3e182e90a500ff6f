import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../local/paths";

/** What a program prints into a pipe that colours a word red. */
function piped(variables: NodeJS.ProcessEnv): string {
  const module = path.join(PROJECT_ROOT, "common", "colors.ts");
  const program = `console.log(require(${JSON.stringify(module)}).colorsOf(process.stdout).red("red"))`;
  const args = ["--require", "tsx/cjs", "--eval", program];
  const env = { PATH: process.env.PATH, ...variables };
  return spawnSync(process.execPath, args, { cwd: PROJECT_ROOT, env, encoding: "utf8" }).stdout;
}

const RED = "\u001b[31mred\u001b[39m\n";

test("a pipe has no colours, in CI neither", () => {
  expect(piped({ TERM: "xterm" })).toBe("red\n");
  expect(piped({ CI: "true" })).toBe("red\n");
});

test("FORCE_COLOR colours it, unless NO_COLOR is set", () => {
  expect(piped({ FORCE_COLOR: "1" })).toBe(RED);
  expect(piped({ FORCE_COLOR: "1", NO_COLOR: "1" })).toBe("red\n");
});
