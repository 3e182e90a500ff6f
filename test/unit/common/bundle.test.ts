import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { tempFolder } from "../support/temp-folder";

const ROOT = path.resolve(__dirname, "../../..");
const folder = tempFolder();
const at = (...parts: string[]) => path.join(folder(), ...parts);

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(at(file)), { recursive: true });
  fs.writeFileSync(at(file), text);
}

const run = () =>
  spawnSync(
    process.execPath,
    ["-e", 'require("./common/bundle").runBundle({ main: "tool/main.ts" })'],
    {
      cwd: folder(),
      encoding: "utf8",
    },
  );

beforeEach(() => {
  write("common/bundle.js", fs.readFileSync(path.join(ROOT, "common/bundle.js"), "utf8"));
  write("package-lock.json", "{}");
  write("tool/part/data.txt", "data");
  write(
    "tool/part/read.ts",
    `import * as fs from "node:fs";
export const read = (): string => fs.readFileSync(__dirname + "/data.txt", "utf8");`,
  );
  write("tool/main.ts", 'import { read } from "./part/read"; console.log(`one ${read()}`);');
  fs.mkdirSync(at("node_modules"));
  fs.symlinkSync(path.join(ROOT, "node_modules/esbuild"), at("node_modules/esbuild"));
});

describe("a bundled program", () => {
  test("runs, and finds the files next to its sources", () => {
    expect(run().stdout).toBe("one data\n");
  });

  test("is built once, and again when a source has changed", () => {
    run();
    const bundle = at("tool/node_modules/.cache/pg-audit-lab/bundle/main.js");
    const first = fs.statSync(bundle).ino;
    run();
    expect(fs.statSync(bundle).ino).toBe(first);
    write("tool/main.ts", 'console.log("another");');
    expect(run().stdout).toBe("another\n");
  });

  test("that doesn't compile is an error without a stack trace", () => {
    write("tool/main.ts", "const = ;");
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain("The program could not be bundled");
    expect(stderr).not.toContain("    at ");
  });
});
