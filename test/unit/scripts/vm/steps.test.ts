import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../../common/poll";
import { PROJECT_ROOT } from "../../../../local/paths";

const STEPS = path.join(PROJECT_ROOT, "scripts", "vm");
const USER = os.userInfo().username;

function run(step: string, args: readonly string[], input = "") {
  const file = path.join(STEPS, step);
  const { status, stdout, stderr } = spawnSync("bash", [file, ...args], {
    input,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "vm-steps-"));
  process.env.STEP_FOLDERS = folder;
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
  delete process.env.STEP_FOLDERS;
});

describe("step.sh, through which each step runs", () => {
  /** A copy of the wrapper with a step of these lines. */
  function runWrapped(lines: string, input = "") {
    fs.copyFileSync(path.join(STEPS, "step.sh"), path.join(folder, "step.sh"));
    fs.writeFileSync(path.join(folder, "a-step.sh"), lines);
    const args = [path.join(folder, "step.sh"), "a-step.sh", "apply", "a  b"];
    return spawnSync("bash", args, { input, encoding: "utf8" });
  }
  const MEGABYTE = "head -c 1000000 /dev/zero | tr '\\0' x";
  const CUT = /^x{4000} \[the rest of this line was cut\]$/;

  it("cuts a line of a megabyte in both streams, and keeps order, input, arguments and exit status", () => {
    const { status, stdout, stderr } = runWrapped(
      `printf '%s:' "$@"; cat; ${MEGABYTE}; echo; echo last
       echo first >&2; { ${MEGABYTE}; echo; printf 'no line feed'; } >&2; exit 7`,
      "input\n",
    );
    expect(status).toBe(7);
    expect(stdout.split("\n")).toEqual([
      "apply:a  b:input",
      expect.stringMatching(CUT),
      "last",
      "",
    ]);
    expect(stderr.split("\n")).toEqual(["first", expect.stringMatching(CUT), "no line feed"]);
  });

  it("cuts after a whole character", () => {
    const { stdout } = runWrapped("printf 'x%s' \"$(head -c 3000 /dev/zero | sed 's/./€/g')\"");
    expect(stdout).toMatch(/^x€+ \[the rest of this line was cut\]$/);
  });

  it("passes each line on at once", async () => {
    const marker = path.join(folder, "go-on");
    fs.copyFileSync(path.join(STEPS, "step.sh"), path.join(folder, "step.sh"));
    fs.writeFileSync(
      path.join(folder, "a-step.sh"),
      `echo waiting; until [ -e ${marker} ]; do sleep 0.05; done; echo done`,
    );
    const child = spawn("bash", [path.join(folder, "step.sh"), "a-step.sh"]);
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
      fs.writeFileSync(marker, "");
    });
    await once(child, "close");
    expect(text).toBe("waiting\ndone\n");
  });

  it("writes what a step has changed to the disk before it succeeds, since a crash would leave empty files", () => {
    const calls = path.join(folder, "calls");
    fs.writeFileSync(path.join(folder, "sync"), `#!/bin/bash\necho "$*" >>${calls}\n`, {
      mode: 0o755,
    });
    fs.copyFileSync(path.join(STEPS, "step.sh"), path.join(folder, "step.sh"));
    fs.writeFileSync(path.join(folder, "a-step.sh"), "exit $1");
    const { STEP_FOLDERS: _, ...env } = process.env;
    const step = (status: number) =>
      spawnSync("bash", [path.join(folder, "step.sh"), "a-step.sh", String(status)], {
        env: { ...env, PATH: `${folder}:${process.env.PATH}` },
      }).status;
    expect(step(3)).toBe(3);
    expect(fs.existsSync(calls)).toBe(false);
    expect(step(0)).toBe(0);
    expect(fs.readFileSync(calls, "utf8")).toBe("--file-system / /usr /var /home\n");
  });

  it("waits for the end of an earlier run, which goes on without its connection", async () => {
    const [log, go] = ["log", "go"].map((name) => path.join(folder, name)) as [string, string];
    fs.copyFileSync(path.join(STEPS, "step.sh"), path.join(folder, "step.sh"));
    fs.writeFileSync(
      path.join(folder, "a-step.sh"),
      `echo "begin $1" >>${log}; until [ -e ${go} ]; do sleep 0.05; done; echo "end $1" >>${log}`,
    );
    const start = (verb: string) =>
      spawn("bash", [path.join(folder, "step.sh"), "a-step.sh", verb, "a  b"], {
        env: { ...process.env, LOCK_FOLDER: folder },
      });
    const logged = () => (fs.existsSync(log) ? fs.readFileSync(log, "utf8") : "");
    const first = start("apply");
    await pollUntil(() => logged() === "begin apply\n", { what: "begin", timeoutSeconds: 20 });
    first.kill("SIGKILL");
    const second = start("remove");
    const [said] = (await once(second.stdout, "data")) as [Buffer];
    expect(said.toString()).toBe("waiting for the end of an earlier run of this step\n");
    fs.writeFileSync(go, "");
    await once(second, "exit");
    expect(logged()).toBe("begin apply\nend apply\nbegin remove\nend remove\n");
  });

  it("names a script that doesn't exist", () => {
    const { status, stderr } = run("step.sh", ["nothing.sh"]);
    expect({ status, stderr }).toEqual({
      status: 64,
      stderr: expect.stringContaining("there is no script 'nothing.sh'") as unknown,
    });
  });
});

describe("arguments", () => {
  const steps = fs
    .readdirSync(STEPS)
    .filter((name) => /^(install|build|write|mount|create|authorize)-/.test(name));

  test.each(steps)("%s prints its usage without arguments", (step) => {
    const result = run(step, []);
    expect(result.status).toBe(64);
    expect(result.stderr).toContain(`usage: ${step} apply`);
  });

  test.each([
    [
      "install-blobfuse.sh",
      ["apply", "http://packages.microsoft.com", "8"],
      "packages_url is 'http:",
    ],
    ["install-blobfuse.sh", ["apply", "https://packages.microsoft.com", "7"], "rhel_major is '7'"],
    ["build-cache.sh", ["apply", "/var/cache/blobfuse2", "16gb"], "size is '16gb'"],
    [
      "build-cache.sh",
      ["apply", "var/cache/blobfuse2", "16g"],
      "cache_dir is 'var/cache/blobfuse2'",
    ],
    ["build-cache.sh", ["apply", "/mnt/../etc", "16g"], "without '..'"],
    ["write-config.sh", ["apply", "/tmp/c", "nobody-here"], "no user 'nobody-here'"],
    ["mount-container.sh", ["apply", "/home/x/my container", "/c", USER, "/d"], "mount_point is"],
    ["mount-container.sh", ["apply", "/home/x/mycontainer", "/c", USER, "d"], "cache_path is 'd'"],
    [
      "mount-container.sh",
      ["remove", "/home/x/mycontainer/"],
      "without '..' or a slash at its end",
    ],
    [
      "install-audit-tail.sh",
      ["apply", "/u", "~/mycontainer", "/var/cache/blobfuse2"],
      "mount_point is '~/mycontainer'",
    ],
  ])("%s %p is refused", (step, args, message) => {
    const result = run(step, args);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(message);
  });
});

describe("write-config.sh", () => {
  const file = () => path.join(folder, "blobfuse2.yaml");

  test("writes standard input to a 600-mode file of the owner, and replaces an older one", () => {
    fs.writeFileSync(file(), "old", { mode: 0o644 });
    const result = run("write-config.sh", ["apply", file(), USER], "account-key: secret\n");
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).not.toContain("secret");
    expect(fs.readFileSync(file(), "utf8")).toBe("account-key: secret\n");
    expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
    expect(fs.statSync(file()).uid).toBe(os.userInfo().uid);
    expect(fs.readdirSync(folder)).toEqual(["blobfuse2.yaml"]);
  });

  test("refuses empty input and keeps the old file", () => {
    fs.writeFileSync(file(), "old");
    const result = run("write-config.sh", ["apply", file(), USER], "");
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("standard input is empty");
    expect(fs.readFileSync(file(), "utf8")).toBe("old");
  });

  test("remove deletes it, with the file of a killed run, and can be repeated", () => {
    run("write-config.sh", ["apply", file(), USER], "x");
    fs.writeFileSync(path.join(folder, ".blobfuse2.yaml.new"), "half");
    expect(run("write-config.sh", ["remove", file(), USER]).status).toBe(0);
    expect(run("write-config.sh", ["remove", file()]).status).toBe(0);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe("a package's installation, in the first minutes of a machine that updates itself", () => {
  const LOCKED =
    "RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)";

  /** Installs with a dnf that fails this often with this message. */
  function install(failures: number, message: string) {
    const program = (name: string, script: string) =>
      fs.writeFileSync(path.join(folder, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    const calls = path.join(folder, "calls");
    program("sleep", "exit 0");
    program(
      "dnf",
      `echo "$*" >>${calls}; (($(wc --lines <${calls}) > ${failures})) || { echo "${message}" >&2; exit 1; }`,
    );
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["-c", "set -e; source lib.sh; source packages.sh; install_package jq", "a-step"],
      {
        cwd: STEPS,
        encoding: "utf8",
        env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, STATE_FOLDER: folder },
      },
    );
    const records = fs.readdirSync(folder).filter((name) => name.endsWith("-installed"));
    const count = fs.readFileSync(calls, "utf8").trim().split("\n").length;
    return { status, stdout, stderr, calls: count, records };
  }

  test("waits while the update holds the lock, and says so once", () => {
    expect(install(3, LOCKED)).toEqual({
      status: 0,
      stdout: `waiting: ${LOCKED}\n`,
      stderr: "",
      calls: 4,
      records: ["jq-installed"],
    });
  });

  test("fails at once with dnf's message for any other reason, and records nothing", () => {
    expect(install(9, "No match for argument: jq")).toEqual({
      status: 1,
      stdout: "",
      stderr: "No match for argument: jq\na-step: the package jq could not be installed\n",
      calls: 1,
      records: [],
    });
  });
});

describe("authorize-keys.sh", () => {
  const file = () => path.join(folder, ".ssh", "authorized_keys");
  /** Runs the step with a passwd database whose only user has the test's folder as home. */
  function authorize(verb: string, keys = "") {
    const getent = `#!/bin/bash\necho "${USER}:x:0:0::${folder}:/bin/bash"\n`;
    fs.writeFileSync(path.join(folder, "getent"), getent, { mode: 0o755 });
    return spawnSync("bash", [path.join(STEPS, "authorize-keys.sh"), verb, USER], {
      input: keys,
      encoding: "utf8",
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
  }
  const asRoot = process.getuid?.() === 0 ? test : test.skip;

  asRoot("adds keys after Azure's own, replaces those of an earlier run, and removes them", () => {
    fs.mkdirSync(path.dirname(file()));
    fs.writeFileSync(file(), "ssh-ed25519 AAAA azure\n", { mode: 0o600 });
    expect(authorize("apply", "ssh-rsa BBBB one\nssh-rsa CCCC two\n")).toMatchObject({
      status: 0,
      stderr: "",
    });
    const keys = () =>
      fs
        .readFileSync(file(), "utf8")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
    expect(keys()).toEqual(["ssh-ed25519 AAAA azure", "ssh-rsa BBBB one", "ssh-rsa CCCC two"]);
    authorize("apply", "ssh-rsa DDDD three\n");
    authorize("apply", "ssh-rsa DDDD three\n");
    expect(keys()).toEqual(["ssh-ed25519 AAAA azure", "ssh-rsa DDDD three"]);
    expect(fs.statSync(file()).mode & 0o777).toBe(0o600);
    expect(authorize("remove").status).toBe(0);
    expect(fs.readFileSync(file(), "utf8")).toBe("ssh-ed25519 AAAA azure\n");
  });

  asRoot("says so where Azure's file is missing, and writes none", () => {
    const { status, stderr } = authorize("apply", "ssh-rsa BBBB one\n");
    expect(status).toBe(1);
    expect(stderr).toContain("Azure writes it when it creates the VM");
    expect(fs.existsSync(file())).toBe(false);
  });
});
