import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { tempFolder } from "../support/temp-folder";

const SOURCE = path.resolve(__dirname, "../../../common/packages.js");
const folder = tempFolder();
const at = (...parts: string[]) => path.join(folder(), ...parts);

/** What npm does here: it installs a workspace's link and its own record, or fails with a text. */
const NPM = `#!/bin/sh
echo "npm $*" >>calls
[ ! -f npm-fails ] || { cat npm-fails >&2; exit 1; }
rm -rf node_modules && mkdir -p node_modules/@pg-audit-lab/cli && touch node_modules/.package-lock.json
`;

beforeEach(() => {
  fs.mkdirSync(at("common"));
  fs.mkdirSync(at("bin"));
  fs.copyFileSync(SOURCE, at("common", "packages.js"));
  fs.writeFileSync(at("package-lock.json"), "{}");
  fs.writeFileSync(at("bin", "npm"), NPM, { mode: 0o755 });
});

function ensure(searchPath = `${at("bin")}:/usr/bin:/bin`) {
  return spawnSync(process.execPath, [at("common", "packages.js")], {
    cwd: folder(),
    env: { PATH: searchPath },
    encoding: "utf8",
  });
}

const calls = () => (fs.existsSync(at("calls")) ? fs.readFileSync(at("calls"), "utf8") : "");

describe("the npm packages", () => {
  test("are installed once, with one line that says so", () => {
    const first = ensure();
    expect(first.status).toBe(0);
    expect(first.stderr).toBe(
      "npm test: installing npm packages, since they are missing (about a minute)\n",
    );
    expect(ensure().stderr).toBe("");
    expect(calls()).toBe("npm ci --no-progress\n");
  });

  test("are installed again where package-lock.json has changed", () => {
    ensure();
    fs.writeFileSync(at("package-lock.json"), '{"name":"other"}');
    expect(ensure().stderr).toContain("since package-lock.json has changed");
  });

  test("are installed where only the root package is there", () => {
    fs.mkdirSync(at("node_modules"));
    fs.writeFileSync(at("node_modules", ".package-lock.json"), "");
    expect(ensure().stderr).toContain("since they are missing");
  });

  test("that somebody installed by hand are taken as they are", () => {
    spawnSync(at("bin", "npm"), ["ci"], { cwd: folder() });
    expect(ensure().stderr).toBe("");
    expect(calls()).toBe("npm ci\n");
  });

  test("that can't be fetched are an error that names the network", () => {
    fs.writeFileSync(at("npm-fails"), "npm error code ENOTFOUND\n");
    const { status, stderr } = ensure();
    expect(status).toBe(1);
    expect(stderr).toContain("npm error code ENOTFOUND");
    expect(stderr).toContain("npm can't reach its registry");
    expect(stderr).not.toContain("    at ");
  });

  test("need npm, and the error says where it comes from", () => {
    fs.rmSync(at("bin", "npm"));
    const { status, stderr } = ensure(at("bin"));
    expect(status).toBe(1);
    expect(stderr).toContain("npm isn't on PATH. It comes with Node.js");
  });

  test("are installed by one process at a time; the lock of one that was killed is taken over", () => {
    fs.writeFileSync(at(".npm-install.lock"), "999999999");
    expect(ensure().status).toBe(0);
    expect(fs.existsSync(at(".npm-install.lock"))).toBe(false);
  });
});
