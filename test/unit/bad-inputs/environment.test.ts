/** `./lab` in environments that a person may have by mistake: a message, an exit code that isn't 0, and nothing lost. */
import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { temporaryFolder } from "../../../common/temporary-folder";
import { withLabLock } from "../../../local/lab";
import { requireLabFolder } from "../../../local/lab-folder";
import { DEFAULT_ROOT, LabPaths, PROJECT_ROOT } from "../../../local/paths";
import { plainEnv } from "../../support/plain-env";
import { tempFolder } from "../support/temp-folder";

const folder = tempFolder();
const at = (...parts: string[]) => path.join(folder(), ...parts);

/** Runs `./lab` with these variables; undefined unsets one. */
async function lab(words: string, env: Record<string, string | undefined>) {
  const { exitCode, all } = await execa(path.join(PROJECT_ROOT, "lab"), words.split(" "), {
    env: { ...plainEnv, LAB_DIR: at("lab"), ...env },
    extendEnv: false,
    cwd: folder(),
    reject: false,
    all: true,
    stdin: "ignore",
  });
  const text = all ?? "";
  expect(text).not.toMatch(/^ +at /m);
  return { exitCode, text };
}

beforeEach(() => {
  fs.mkdirSync(at("documents", "logs"), { recursive: true });
  fs.writeFileSync(at("documents", "thesis.txt"), "");
  fs.writeFileSync(at("documents", "logs", "diary.txt"), "");
  fs.writeFileSync(at("a-file"), "");
});

const ALL_COMMANDS = ["status", "env", "down", "down --force", "restart vm", "reset", "up", "psql"];

describe.each(ALL_COMMANDS)("./lab %s", (command) => {
  test("leaves a folder alone that isn't a lab's", async () => {
    const { exitCode, text } = await lab(command, { LAB_DIR: "documents" });
    expect(exitCode).toBe(1);
    expect(text).toContain(
      `LAB_DIR is ${at("documents")}, which isn't a lab's folder: it contains`,
    );
    expect(fs.existsSync(at("documents", "logs", "diary.txt"))).toBe(true);
  });
});

test.each<[string, string, string, RegExp]>([
  ["a file", "status", "a-file", /which can't be read as a folder: not a directory \(ENOTDIR\)/],
  ["a file", "up", "a-file", /not a directory \(ENOTDIR\)/],
  ["a file", "down", "a-file", /not a directory \(ENOTDIR\)/],
  ["below a file", "up", "a-file/lab", /ENOTDIR/],
  [
    "where nobody may write",
    "up",
    "/proc/lab",
    /The lab's folder \/proc\/lab can't be written: .*Set LAB_DIR/,
  ],
  ["with a colon", "up", "a:b", /can't contain ":"\. Set LAB_DIR to another folder/],
  ["with a line feed", "up", "a\nb", /can't contain "\\n"/],
  ["with a per cent sign", "up", "100%", /can't contain "%"/],
  ["with a backslash", "status", "a\\b", /can't contain "\\\\"/],
])("LAB_DIR %s: ./lab %s", async (_, command, LAB_DIR, message) => {
  const { exitCode, text } = await lab(command, { LAB_DIR });
  expect(exitCode).toBe(1);
  expect(text).toMatch(message);
});

test.each([
  ["relative", "some/where"],
  ["with spaces, quotes and other letters", "my lab, 'q' \"d\" $(id) ä"],
  ["of more than 107 bytes", "x".repeat(150)],
])("LAB_DIR %s is used", async (_, LAB_DIR) => {
  const text = "No lab is set up here. Start one with `./lab up`.";
  expect(await lab("status", { LAB_DIR })).toEqual({ exitCode: 0, text });
});

describe("the folder of a lab", () => {
  const lab = () => new LabPaths(at("lab"));
  test.each([
    "lab.lock.holder",
    "image.unfinished",
    "lab.lock",
    "settings.json",
    "engine",
    "image",
    "secrets",
    "pulumi-real",
  ])("with %s alone is one, as after an interrupted start", (entry) => {
    fs.mkdirSync(at("lab", entry), { recursive: true });
    expect(() => requireLabFolder(lab())).not.toThrow();
  });

  test("is the default one, whatever is in it: `npm run check` keeps its tools there", () => {
    fs.mkdirSync(at("lab", "tools"), { recursive: true });
    expect(() => requireLabFolder(lab())).toThrow("isn't a lab's folder: it contains tools");
    expect(() => requireLabFolder(lab(), at("lab"))).not.toThrow();
    expect(DEFAULT_ROOT).toBe(path.join(PROJECT_ROOT, ".lab"));
  });

  test("with a client secret is one, whatever else is in it", () => {
    fs.mkdirSync(at("lab", "secrets"), { recursive: true });
    fs.writeFileSync(at("lab", "secrets", "client-secret"), "x");
    fs.writeFileSync(at("lab", "notes.txt"), "");
    expect(() => requireLabFolder(lab())).not.toThrow();
  });
});

describe("while another command changes the lab", () => {
  test.each(["up", "down", "down --force", "reset"])("./lab %s is refused", async (command) => {
    await withLabLock(new LabPaths(at("lab")), async () => {
      const { exitCode, text } = await lab(command, {});
      expect(exitCode).toBe(1);
      expect(text).toContain(`Another command is changing this lab (${at("lab")})`);
      expect(text).toContain("Wait for it to end.");
      // In another clone it isn't.
      expect(await lab("down", { LAB_DIR: at("other") })).toMatchObject({ exitCode: 0 });
    });
    expect(await lab("down", {})).toMatchObject({ exitCode: 0 });
  });
});

describe("TMPDIR", () => {
  test.each<[string, () => string, RegExp]>([
    ["missing", () => at("missing"), /can't be used: no such file or directory \(ENOENT\)\. Name/],
    ["a file", () => at("a-file"), /can't be used: not a directory \(ENOTDIR\)/],
    ["too long", () => `/tmp/${"x".repeat(90)}`, /with 95 bytes\. At most 50 are possible: ssh's/],
  ])("%s is named before the lab is set up", async (_, TMPDIR, message) => {
    const { exitCode, text } = await lab("up", { TMPDIR: TMPDIR() });
    expect(exitCode).toBe(1);
    expect(text).toMatch(message);
    expect(fs.existsSync(at("lab"))).toBe(false);
  });

  test("that can be used is used", () => expect(temporaryFolder(folder())).toBe(folder()));
});

test.each<[string, Record<string, string | undefined>]>([
  ["HOME unset", { HOME: undefined }],
  ["HOME empty", { HOME: "" }],
  ["a Turkish locale", { LANG: "tr_TR.UTF-8" }],
  ["a proxy that doesn't answer", { HTTPS_PROXY: "http://127.0.0.1:1" }],
])("%s changes nothing", async (_, env) => {
  expect(await lab("status", env)).toMatchObject({ exitCode: 0 });
});

test("a PATH without Node.js is named", async () => {
  for (const name of ["sh", "dirname", "readlink"]) {
    fs.symlinkSync((await execa("which", [name])).stdout, at(name));
  }
  const { exitCode, text } = await lab("status", { PATH: folder() });
  expect(exitCode).toBe(127);
  expect(text).toMatch(/^lab: Node\.js isn't installed, or isn't on PATH\. Install Node\.js 22/);
});

test("Node.js 18 is named before any source is loaded", async () => {
  const pretend = "Object.defineProperty(process.versions, 'node', { value: '18.20.8' });";
  const launch = `require(${JSON.stringify(path.join(PROJECT_ROOT, "cli/launch.js"))})`;
  const { exitCode, all } = await execa(process.execPath, ["-e", pretend + launch], {
    reject: false,
    all: true,
  });
  expect(exitCode).toBe(1);
  expect(all).toBe(
    "lab: this is Node.js 18.20.8; 20 or later is needed, and 22 is recommended. Install it (https://nodejs.org), then run this again.",
  );
});

test.each<[string, RegExp]>([
  ["frobnicate", /unknown command 'frobnicate'/],
  ["down everything", /too many arguments for 'down'/],
  ["restart", /missing required argument 'part'/],
  ["restart database", /Allowed choices are azure, azurite, postgres, gateway, vm/],
  ["logs -n many", /--lines is "many"; it takes a whole number/],
  ["up --stack=prod", /--stack=prod: `\.\/lab up` brings up the stack local/],
  ["completion fish", /Allowed choices are bash, zsh/],
  ["conformance", /required option '--subscription <id>' not specified/],
])("./lab %s is refused", async (words, message) => {
  const { exitCode, text } = await lab(words, {});
  expect(exitCode).toBe(1);
  expect(text).toMatch(message);
});
