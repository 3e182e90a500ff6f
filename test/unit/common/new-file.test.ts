import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { NewFile } from "../../../common/new-file";
import { plainEnv } from "../../support/plain-env";
import { tempFolder } from "../support/temp-folder";

const folder = tempFolder();
const file = () => path.join(folder(), "report.html");
const writing = (text: string) => (part: string) => fs.promises.writeFile(part, text);

test("the file appears whole, for its owner only, and nothing else stays in the folder", async () => {
  await new NewFile({ option: "--html", file: file() }).create(async (part) => {
    expect(path.dirname(part)).toBe(folder());
    expect(fs.statSync(part).mode & 0o777).toBe(0o600);
    await writing("new")(part);
    expect(fs.existsSync(file())).toBe(false);
  });
  expect(fs.readFileSync(file(), "utf8")).toBe("new");
  expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(folder())).toEqual(["report.html"]);
});

test("after a failure the old file is unchanged, and the message names file and reason", async () => {
  fs.writeFileSync(file(), "old");
  const created = new NewFile({ option: "--html", file: file(), replace: true }).create(
    async (part) => {
      await writing("ne")(part);
      throw Object.assign(new Error("ENOSPC"), { errno: -28, code: "ENOSPC" });
    },
  );
  await expect(created).rejects.toThrow(
    `--html: ${file()} can't be written: no space left on device (ENOSPC). The existing file is unchanged.`,
  );
  expect(fs.readFileSync(file(), "utf8")).toBe("old");
  expect(fs.readdirSync(folder())).toEqual(["report.html"]);
});

test("a file that came into being in the meantime is not replaced", async () => {
  const created = new NewFile({ option: "--html", file: file() }).create(async (part) => {
    await writing("new")(part);
    fs.writeFileSync(file(), "another's");
  });
  await expect(created).rejects.toThrow(/exists; add --force to replace it/);
  expect(fs.readFileSync(file(), "utf8")).toBe("another's");
  expect(fs.readdirSync(folder())).toEqual(["report.html"]);
});

test("a symbolic link stays one, and its file is replaced", async () => {
  fs.mkdirSync(path.join(folder(), "reports"));
  const target = path.join(folder(), "reports", "today.html");
  fs.writeFileSync(target, "old");
  fs.symlinkSync(target, file());
  await new NewFile({ option: "--html", file: file(), replace: true }).create(writing("new"));
  expect(fs.lstatSync(file()).isSymbolicLink()).toBe(true);
  expect(fs.readFileSync(target, "utf8")).toBe("new");
});

test("what isn't a regular file is never replaced", () => {
  const device = { option: "--html", file: "/dev/null", replace: true };
  expect(() => new NewFile(device)).toThrow("--html: /dev/null isn't a regular file");
  expect(() => new NewFile({ ...device, file: folder() })).toThrow(/is a folder; give the name/);
});

test.each(["before", "while"])(
  "nothing is left behind by Ctrl-C %s it is written",
  async (when) => {
    const interrupt = new AbortController();
    if (when === "before") interrupt.abort();
    const { signal } = interrupt;
    await new NewFile({ option: "--html", file: file(), signal }).create(async (part) => {
      await writing("new")(part);
      interrupt.abort();
    });
    expect(fs.readdirSync(folder())).toEqual([]);
  },
);

test("nothing is left behind by a process that ends while it writes", () => {
  const program = `
    const { NewFile } = require("./common/new-file");
    new NewFile({ option: "--html", file: ${JSON.stringify(file())} }).create(async (part) => {
      console.log(require("node:fs").existsSync(part));
      process.exit(3);
    });`;
  const { status, stdout } = spawnSync(process.execPath, ["-r", "tsx/cjs", "-e", program], {
    cwd: path.join(__dirname, "../../.."),
    encoding: "utf8",
    env: plainEnv,
  });
  expect({ status, stdout }).toEqual({ status: 3, stdout: "true\n" });
  expect(fs.readdirSync(folder())).toEqual([]);
});
