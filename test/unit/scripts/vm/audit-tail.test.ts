import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../../common/poll";
import { shellQuote } from "../../../../common/shell-quote";
import { PROJECT_ROOT } from "../../../../local/paths";
import { ensureDebianPackages } from "../../../../local/setup/system-packages";
import { azureLine, PREFIX } from "../../audit/decode/decoding";

const AUDIT_TAIL = path.join(PROJECT_ROOT, "scripts", "vm", "audit-tail");
const SERVER =
  "resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/PG-WORKSHOP/PROVIDERS/MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/";

/** A folder in place of the mounted container. */
class Container {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "audit-tail-"));
  readonly root = path.join(this.folder, "mycontainer");

  constructor() {
    fs.mkdirSync(this.root);
  }

  /** The blob of an hour like `2024/03/05/09`. */
  blob(hour: string, server = "PSQLFLEXI1"): string {
    const [y, m, d, h] = hour.split("/");
    const folder = path.join(SERVER, server, `y=${y}`, `m=${m}`, `d=${d}`, `h=${h}`, "m=00");
    return path.join(this.root, folder, "PT1H.json");
  }

  append(hour: string, text: string, server?: string): void {
    const blob = this.blob(hour, server);
    fs.mkdirSync(path.dirname(blob), { recursive: true });
    fs.appendFileSync(blob, text);
  }

  /** Makes the blob this large, without content, and ends its line. */
  enlarge(hour: string, mebibytes: number): void {
    this.append(hour, "");
    fs.truncateSync(this.blob(hour), mebibytes * 1024 ** 2);
    this.append(hour, "\n");
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A running audit-tail and what it has printed. */
class Follower {
  readonly process: ChildProcess;
  out = "";
  err = "";
  status: Promise<number | null>;

  constructor(container: Container, options: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const args = ["--root", container.root, "--interval", "0.02", ...options];
    this.process = spawn(AUDIT_TAIL, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.process.stdout?.on("data", (data: Buffer) => (this.out += data.toString()));
    this.process.stderr?.on("data", (data: Buffer) => (this.err += data.toString()));
    this.status = new Promise((resolve) => this.process.once("close", resolve));
  }

  async waitFor(text: string, where: "out" | "err" = "out"): Promise<void> {
    const what = `'${text}' on std${where}; out: ${this.out}; err: ${this.err}`;
    await pollUntil(() => this[where].includes(text), { what, timeoutSeconds: 25 });
  }
}

let container: Container;
const followers: Follower[] = [];

function follow(...options: string[]): Follower {
  return followWith({}, ...options);
}

/** With variables of its environment. */
function followWith(env: NodeJS.ProcessEnv, ...options: string[]): Follower {
  const follower = new Follower(container, options, env);
  followers.push(follower);
  return follower;
}

/** A PATH that begins with these programs, each a line of Bash. */
function pathWith(programs: Record<string, string>): string {
  const folder = path.join(container.folder, "fakes");
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, line] of Object.entries(programs)) {
    fs.writeFileSync(path.join(folder, name), `#!/bin/bash\n${line}\n`, { mode: 0o755 });
  }
  return `${folder}:${process.env.PATH}`;
}

/** A PATH with every program of this machine but jq. */
function pathWithoutJq(): string {
  const folder = path.join(container.folder, "programs");
  fs.mkdirSync(folder);
  for (const name of fs.readdirSync("/usr/bin")) {
    if (name !== "jq") fs.symlinkSync(path.join("/usr/bin", name), path.join(folder, name));
  }
  return folder;
}

beforeAll(() => ensureDebianPackages(["jq"], console.log), 300_000);

beforeEach(() => {
  container = new Container();
});

afterEach(async () => {
  for (const follower of followers.splice(0)) {
    follower.process.kill("SIGTERM");
    await follower.status;
  }
  container.remove();
});

test("prints new lines, not the existing ones", async () => {
  container.append("2024/03/05/09", "old\n");
  const tail = follow();
  await tail.waitFor("following", "err");
  container.append("2024/03/05/09", "new\n");
  await tail.waitFor("new");
  expect(tail.out).toBe("new\n");
});

test("--from-start begins with the current hour's first line and skips earlier hours", async () => {
  container.append("2024/03/05/08", "earlier\n");
  container.append("2024/03/05/09", "one\ntwo\n");
  const tail = follow("--from-start");
  await tail.waitFor("two");
  expect(tail.out).toBe("one\ntwo\n");
});

test("--lines begins with the last lines", async () => {
  container.append("2024/03/05/09", "one\ntwo\nthree\n");
  const tail = follow("--lines", "2");
  await tail.waitFor("three");
  expect(tail.out).toBe("two\nthree\n");
});

test("keeps an incomplete line until its end arrives, also one that exists at the start", async () => {
  container.append("2024/03/05/09", 'old\n{"half');
  const tail = follow();
  await tail.waitFor("following", "err");
  container.append("2024/03/05/09", '":1}\n{"next');
  await tail.waitFor('{"half":1}');
  expect(tail.out).toBe('{"half":1}\n');
  container.append("2024/03/05/09", '":2}\n');
  await tail.waitFor('{"next":2}');
  expect(tail.out).toBe('{"half":1}\n{"next":2}\n');
});

test("counts bytes, so that non-ASCII letters shift nothing", async () => {
  container.append("2024/03/05/09", "žluťoučký kůň\n");
  const tail = follow();
  await tail.waitFor("following", "err");
  container.append("2024/03/05/09", "příliš\n");
  await tail.waitFor("příliš\n");
  container.append("2024/03/05/09", "end\n");
  await tail.waitFor("end");
  expect(tail.out).toBe("příliš\nend\n");
});

test("continues with every later hour, across the ends of day, month and year", async () => {
  container.append("2023/12/31/23", "a\n");
  const tail = follow("--from-start");
  await tail.waitFor("a\n");
  container.append("2024/01/01/05", "b\n");
  container.append("2024/02/01/00", "c\n");
  await tail.waitFor("c\n");
  expect(tail.out).toBe("a\nb\nc\n");
});

test("prints late lines of the hour before", async () => {
  container.append("2024/03/05/09", "first\n");
  const tail = follow("--from-start");
  await tail.waitFor("first");
  container.append("2024/03/05/10", "second\n");
  await tail.waitFor("second");
  container.append("2024/03/05/09", "late\n");
  await tail.waitFor("late");
  expect(tail.out).toBe("first\nsecond\nlate\n");
});

test("waits for the first blob and prints all of it", async () => {
  const tail = follow();
  await tail.waitFor("no log blob under", "err");
  container.append("2024/03/05/09", "first\n");
  await tail.waitFor("first");
  expect(tail.err.match(/no log blob/g)).toHaveLength(1);
});

test("continues where it was after the mount was away", async () => {
  container.append("2024/03/05/09", "old\n");
  const tail = follow();
  await tail.waitFor("following", "err");
  const elsewhere = `${container.root}.away`;
  fs.cpSync(container.root, elsewhere, { recursive: true });
  fs.rmSync(container.root, { recursive: true });
  fs.mkdirSync(container.root); // what an unmounted mount point looks like
  await tail.waitFor("waiting until the mount is back", "err");
  fs.rmdirSync(container.root);
  fs.renameSync(elsewhere, container.root);
  container.append("2024/03/05/09", "new\n");
  await tail.waitFor("new");
  expect(tail.out).toBe("new\n");
  expect(tail.err.match(/waiting until/g)).toHaveLength(1);
  expect(tail.err).toContain("the mount is back");
});

test("follows the server that logged last, and another one on request", async () => {
  container.append("2024/03/05/09", "from A\n", "SERVER-A");
  container.append("2024/03/05/10", "from B\n", "SERVER-B");
  const newest = follow("--from-start");
  await newest.waitFor("from B");
  expect(newest.err).toContain("2 servers log here");
  const named = follow("--from-start", "--resource", "server-a");
  await named.waitFor("from A");
  expect(named.out).toBe("from A\n");
});

test.each([
  ["shorter", "new\n"],
  ["replaced by another one that is larger", `${"x".repeat(20)}\nnew\n`],
])("reads a blob from its start when it is %s", async (_, text) => {
  container.append("2024/03/05/09", "one\ntwo\n");
  const tail = follow();
  await tail.waitFor("following", "err");
  fs.writeFileSync(container.blob("2024/03/05/09"), text);
  await tail.waitFor("new\n");
  expect(tail.out).toBe(text);
  expect(tail.err).toContain("/PT1H.json is shorter than it was, or another one");
});

test("reads no line twice of a blob that loses its end for some seconds, as when Azurite is killed", async () => {
  container.append("2024/03/05/09", "one\ntwo\n");
  const tail = follow("--from-start");
  await tail.waitFor("two\n");
  fs.truncateSync(container.blob("2024/03/05/09"), "one\n".length);
  await tail.waitFor("/PT1H.json is missing; waiting", "err");
  container.append("2024/03/05/09", "two\nthree\n");
  await tail.waitFor("three\n");
  expect(tail.out).toBe("one\ntwo\nthree\n");
});

test("continues in the next hour's blob before the hour ends, as where a blob takes no more blocks", async () => {
  const [hour, next] = [0, 1].map((hours) =>
    new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 13).replaceAll(/[-T]/g, "/"),
  ) as [string, string];
  container.append(hour, "a\n");
  const tail = follow("--from-start");
  await tail.waitFor("a\n");
  container.append(next, "b\n");
  await tail.waitFor("b\n");
  expect(tail.out).toBe("a\nb\n");
});

test("reads each byte of a large blob once, from the last whole line before it started", async () => {
  const calls = path.join(container.folder, "calls");
  const PATH = pathWith({ dd: `echo "$*" >>${calls}; exec /usr/bin/dd "$@"` });
  container.enlarge("2024/03/05/09", 40);
  const size = fs.statSync(container.blob("2024/03/05/09")).size;
  const tail = followWith({ PATH });
  await tail.waitFor("following", "err");
  container.append("2024/03/05/09", "one\n");
  await tail.waitFor("one\n");
  container.append("2024/03/05/09", "two\n");
  await tail.waitFor("two\n");
  const read = [...fs.readFileSync(calls, "utf8").matchAll(/skip=(\d+)/g)].map((match) =>
    Number(match[1]),
  );
  // The end of the line before is read again, to see that it is the same blob.
  expect([...new Set(read)].slice(0, 3)).toEqual([size - 1024 ** 2, size - 1, size + 3]);
});

describe("a blob that is larger than the cache of ~/mycontainer", () => {
  const HOUR = "2024/03/05/09";
  const SIZES = /this log file has 81 MiB, and the cache of \S+\/mycontainer 64 MiB/;
  const findmnt = `[[ "$*" != *"/var/cache/blobfuse2"* ]] || echo ' ${64 * 1024 ** 2}'`;

  beforeEach(() => {
    container.enlarge(HOUR, 80);
  });

  test("is read on without it, with a note once of the sizes and the key to change", async () => {
    const tail = followWith({ PATH: pathWith({ findmnt }) });
    await tail.waitFor("following", "err");
    container.append(HOUR, "one\n");
    await tail.waitFor("one");
    container.append(HOUR, "two\n");
    await tail.waitFor("two");
    expect(tail.out).toBe("one\ntwo\n");
    expect(tail.err).toMatch(SIZES);
    expect(tail.err).toContain("Set cacheSizeMb above");
    expect(tail.err).toContain("audit-tail reads on");
    expect(tail.err.match(/cacheSizeMb/g)).toHaveLength(1);
  });

  test("is said not to be readable through it, instead of not to exist", async () => {
    const dd = "echo 'dd: Input/output error' >&2; exit 1";
    const env = { PATH: pathWith({ findmnt, dd }), HOME: container.folder };
    const tail = followWith(env);
    await tail.waitFor("Without --root, audit-tail reads it.", "err");
    expect(tail.err).toMatch(SIZES);
    expect(tail.err).toContain("Set cacheSizeMb above");
    expect(tail.err).not.toContain("no log blob");
  });
});

describe("Ctrl-C", () => {
  /** Runs it in a process group of its own, and sends SIGINT to the group, as a terminal does. */
  async function interrupt(when: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    container.append("2024/03/05/09", "old\n");
    const scratch = path.join(container.folder, "tmp");
    fs.mkdirSync(scratch);
    const args = ["--root", container.root, "--interval", "0.02", "--from-start"];
    const tail = spawn(AUDIT_TAIL, args, {
      env: { ...process.env, TMPDIR: scratch, ...env },
      detached: true,
    });
    let err = "";
    tail.stderr.on("data", (data: Buffer) => (err += data.toString()));
    tail.stdout.resume();
    const ended = new Promise((resolve) => tail.once("close", resolve));
    await pollUntil(() => err.includes(when), { what: when, timeoutSeconds: 15 });
    process.kill(-(tail.pid as number), "SIGINT");
    await expect(ended).resolves.toBe(130);
    expect(fs.readdirSync(scratch)).toEqual([]);
    return err;
  }

  test("ends it with 130, without a message or a file left", async () => {
    expect((await interrupt("following")).split("\n").filter(Boolean)).toHaveLength(1);
  });

  test("ends it while a helper waits and ignores SIGINT", async () => {
    const programs = path.join(container.folder, "programs");
    fs.mkdirSync(programs);
    const tail = "#!/usr/bin/env bash\ntrap '' INT\necho printing >&2\nexec sleep 60\n";
    fs.writeFileSync(path.join(programs, "tail"), tail, { mode: 0o755 });
    await interrupt("printing", { PATH: `${programs}:${process.env.PATH}` });
  });
});

describe("--decode", () => {
  const entry = (statement: string): string =>
    `${azureLine(`${PREFIX}LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,${statement},<none>`)}\n`;
  const azures = entry("SELECT 'azure'").replace("user-alice", "user-azuresu");
  const short = (statement: string): string =>
    `19:24:35  alice@postgres        READ        SELECT  ${statement}\n`;

  test("prints a short line a record, of every hour, and at the end the numbers of hidden and undecoded lines", async () => {
    container.append("2024/03/05/09", entry("SELECT 'old'") + azures + entry("SELECT 1"));
    const tail = follow("--decode", "--lines", "2");
    await tail.waitFor("SELECT 1");
    container.append("2024/03/05/09", '{"half');
    container.append("2024/03/05/10", azures + azures + entry("SELECT 2"));
    await tail.waitFor("SELECT 2");
    container.append("2024/03/05/09", '"\n');
    await tail.waitFor("half");
    tail.process.kill("SIGTERM");
    await expect(tail.status).resolves.toBe(143);
    expect(tail.out).toBe(short("SELECT 1") + short("SELECT 2") + 'not decoded: {"half"\n');
    expect(tail.err).toContain("3 lines of Azure's own sessions hidden (--system shows them)");
    expect(tail.err).toContain("1 line not decoded");
  });

  test("--system shows Azure's own sessions", async () => {
    container.append("2024/03/05/09", azures + entry("SELECT 1"));
    const tail = follow("--decode", "--system", "--from-start");
    await tail.waitFor("SELECT 1");
    tail.process.kill("SIGTERM");
    await tail.status;
    expect(tail.out).toContain("azuresu@postgres");
    expect(tail.err).not.toContain("hidden");
  });

  test("without jq it names jq in one line; without --decode it follows all the same", async () => {
    container.append("2024/03/05/09", "raw\n");
    const env = { ...process.env, PATH: pathWithoutJq() };
    const args = ["--root", container.root, "--interval", "0.02", "--from-start"];
    const decoding = spawnSync(AUDIT_TAIL, [...args, "--decode"], { env, encoding: "utf8" });
    expect(decoding).toMatchObject({
      ...{ status: 69, stdout: "" },
      stderr: "audit-tail: --decode needs jq; install it with: sudo dnf install jq\n",
    });
    const raw = spawnSync(AUDIT_TAIL, args, { env, encoding: "utf8", timeout: 1000 });
    expect(raw.stdout).toBe("raw\n");
  });

  test.each([
    ["is coloured and cut to its width", {}, /\x1b\[32mREAD.*x…\r\n$/],
    ["has no colours with NO_COLOR", { NO_COLOR: "1" }, /^19:24:35[^\x1b]*x…\r\n$/m],
  ])("on a terminal it %s", async (_, environment, pattern) => {
    container.append("2024/03/05/09", entry(`SELECT ${"x".repeat(500)}`));
    const command = [AUDIT_TAIL, "--root", container.root, "--decode", "--from-start"];
    const onTerminal = `stty cols 70; exec ${command.map(shellQuote).join(" ")}`;
    const { NO_COLOR: _ignored, ...inherited } = process.env;
    const terminal = spawn(
      "script",
      ["--quiet", "--return", "--command", onTerminal, "/dev/null"],
      {
        env: { ...inherited, TERM: "xterm", ...environment },
      },
    );
    let out = "";
    terminal.stdout.on("data", (data: Buffer) => (out += data.toString()));
    const ended = new Promise((resolve) => terminal.once("close", resolve));
    await pollUntil(() => out.includes("…"), { what: "a line", timeoutSeconds: 25 });
    terminal.stdin.write("\x03"); // Ctrl-C
    await ended;
    const line = out.split("\n").find((text) => text.includes("SELECT")) ?? "";
    expect(`${line}\n`).toMatch(pattern);
    expect(line.replace(/\x1b\[[\d;]*m|\r/g, "")).toHaveLength(70);
  });
});

test.each([
  [["--lines", "many"], "--lines is 'many'"],
  [["--interval", "0,5"], "--interval is '0,5'"],
  [["--follow"], "unknown option '--follow'"],
  [["--resource"], "--resource needs a value"],
  [["--from-start", "--lines", "3"], "exclude each other"],
  [["--system"], "--system needs --decode"],
])("refuses %p", async (options, message) => {
  const tail = follow(...options);
  await expect(tail.status).resolves.toBe(64);
  expect(tail.err).toContain(message);
});

describe("install-audit-tail.sh", () => {
  const install = path.join(PROJECT_ROOT, "scripts", "vm", "install-audit-tail.sh");
  let bin: string;

  function step(verb: string, env: NodeJS.ProcessEnv = {}) {
    const folder = (name: string) => path.join(container.folder, name);
    bin = folder("bin");
    fs.mkdirSync(bin, { recursive: true });
    const folders = { BIN_FOLDER: bin, LIB_FOLDER: folder("lib"), STATE_FOLDER: folder("state") };
    const cached = path.join(container.folder, "cached");
    return spawnSync("bash", [install, verb, container.root, cached, "/var/cache/blobfuse2"], {
      env: { ...process.env, ...folders, ...env },
      encoding: "utf8",
    });
  }

  // The step runs as root alone; on the VM the end-to-end test runs it.
  const asRoot = os.userInfo().uid === 0 ? test : test.skip;

  asRoot("installs the decoder and the mount as the folder, and removes both", async () => {
    step("apply");
    expect(step("apply")).toMatchObject({ status: 0, stderr: "" });
    container.append("2024/03/05/09", `${azureLine(`${PREFIX}LOG:  hello`)}\n`);
    const tail = spawn(path.join(bin, "audit-tail"), ["--decode", "--from-start"]);
    let out = "";
    tail.stdout.on("data", (data: Buffer) => (out += data.toString()));
    tail.stdout.resume();
    const ended = new Promise((resolve) => tail.once("close", resolve));
    await pollUntil(() => out.includes("\n"), { what: "a line", timeoutSeconds: 25 });
    tail.kill("SIGTERM");
    await ended;
    expect(out).toBe("19:24:35  alice@postgres        log         hello\n");
    expect(step("remove")).toMatchObject({ status: 0, stderr: "" });
    expect(fs.readdirSync(container.folder).sort()).toEqual(["bin", "mycontainer"]);
    expect(fs.readdirSync(bin)).toEqual([]);
  });

  asRoot("installs jq where it is missing, and removes only what it installed", () => {
    const PATH = pathWithoutJq();
    const calls = path.join(container.folder, "calls");
    const program = (name: string, text: string) => {
      fs.rmSync(path.join(PATH, name), { force: true });
      fs.writeFileSync(path.join(PATH, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    };
    program("rpm", "exit 0");
    program(
      "dnf",
      `echo "$*" >>${calls}; if [[ $3 == install ]]; then cp /bin/true ${PATH}/jq; fi`,
    );
    expect(step("apply", { PATH })).toMatchObject({ status: 0, stderr: "" });
    expect(step("apply", { PATH })).toMatchObject({ status: 0, stderr: "" });
    expect(step("remove", { PATH })).toMatchObject({ status: 0, stderr: "" });
    const installedByUs = "--assumeyes --quiet install jq\n--assumeyes --quiet remove jq\n";
    expect(fs.readFileSync(calls, "utf8")).toBe(installedByUs);
    // The fake dnf left jq in place: now it is somebody else's.
    expect(step("apply", { PATH }).status).toBe(0);
    expect(step("remove", { PATH }).status).toBe(0);
    expect(fs.readFileSync(calls, "utf8")).toBe(installedByUs);
  });
});
