import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../../common/poll";
import { PROJECT_ROOT } from "../../../../local/paths";
import { shellQuote } from "../../../../common/shell-quote";
import { azureLine, PREFIX } from "../../audit/decode/decoding";

const AUDIT_TAIL = path.join(PROJECT_ROOT, "scripts", "vm", "audit-tail");
const SERVER =
  "resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/PG-WORKSHOP/PROVIDERS/MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/";

/** A folder in the place of the mounted container. */
class Container {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "audit-tail-"));
  readonly root = path.join(this.folder, "mycontainer");

  constructor() {
    fs.mkdirSync(this.root);
  }

  /** Appends to the blob of an hour like `2024/03/05/09`. */
  append(hour: string, text: string, server = "PSQLFLEXI1"): void {
    const [y, m, d, h] = hour.split("/");
    const folder = path.join(
      this.root,
      SERVER,
      server,
      `y=${y}`,
      `m=${m}`,
      `d=${d}`,
      `h=${h}`,
      "m=00",
    );
    fs.mkdirSync(folder, { recursive: true });
    fs.appendFileSync(path.join(folder, "PT1H.json"), text);
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

  constructor(container: Container, ...options: string[]) {
    const args = ["--root", container.root, "--interval", "0.02", ...options];
    this.process = spawn(AUDIT_TAIL, args, { stdio: ["ignore", "pipe", "pipe"] });
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
  const follower = new Follower(container, ...options);
  followers.push(follower);
  return follower;
}

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

test("prints what arrives from now on, not what stands there", async () => {
  container.append("2024/03/05/09", "old\n");
  const tail = follow();
  await tail.waitFor("following", "err");
  container.append("2024/03/05/09", "new\n");
  await tail.waitFor("new");
  expect(tail.out).toBe("new\n");
});

test("--from-start begins with the current hour's first line and leaves earlier hours", async () => {
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

test("keeps a half-written line until its end arrives, also one that stood there at the start", async () => {
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

test("counts bytes, so that letters beyond ASCII shift nothing", async () => {
  container.append("2024/03/05/09", "žluťoučký kůň\n");
  const tail = follow();
  await tail.waitFor("following", "err");
  container.append("2024/03/05/09", "příliš\n");
  await tail.waitFor("příliš\n");
  container.append("2024/03/05/09", "end\n");
  await tail.waitFor("end");
  expect(tail.out).toBe("příliš\nend\n");
});

test("moves on through every later hour, over the ends of day, month and year", async () => {
  container.append("2023/12/31/23", "a\n");
  const tail = follow("--from-start");
  await tail.waitFor("a\n");
  container.append("2024/01/01/05", "b\n");
  container.append("2024/02/01/00", "c\n");
  await tail.waitFor("c\n");
  expect(tail.out).toBe("a\nb\nc\n");
});

test("still prints late lines of the hour before", async () => {
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

test("goes on where it was after the mount was away", async () => {
  container.append("2024/03/05/09", "old\n");
  const tail = follow();
  await tail.waitFor("following", "err");
  const elsewhere = `${container.root}.away`;
  fs.renameSync(container.root, elsewhere);
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

test("follows the server that logged last, and another one if asked", async () => {
  container.append("2024/03/05/09", "from A\n", "SERVER-A");
  container.append("2024/03/05/10", "from B\n", "SERVER-B");
  const newest = follow("--from-start");
  await newest.waitFor("from B");
  expect(newest.err).toContain("2 servers log here");
  const named = follow("--from-start", "--resource", "server-a");
  await named.waitFor("from A");
  expect(named.out).toBe("from A\n");
});

test("Ctrl-C ends it with 130, says nothing and leaves no file", async () => {
  container.append("2024/03/05/09", "old\n");
  const scratch = path.join(container.folder, "tmp");
  fs.mkdirSync(scratch);
  const args = ["--root", container.root, "--interval", "0.02"];
  const tail = spawn(AUDIT_TAIL, args, {
    env: { ...process.env, TMPDIR: scratch },
    detached: true,
  });
  let err = "";
  tail.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const ended = new Promise((resolve) => tail.once("close", resolve));
  await pollUntil(() => err.includes("following"), { what: "the start", timeoutSeconds: 25 });
  process.kill(-(tail.pid as number), "SIGINT"); // a terminal sends it to the whole group
  await expect(ended).resolves.toBe(130);
  expect(err.split("\n").filter(Boolean)).toHaveLength(1);
  expect(fs.readdirSync(scratch)).toEqual([]);
});

describe("--decode", () => {
  const entry = (statement: string): string =>
    `${azureLine(`${PREFIX}LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,${statement},<none>`)}\n`;
  const azures = entry("SELECT 'azure'").replace("user-alice", "user-azuresu");
  const short = (statement: string): string =>
    `19:24:35  alice@postgres        READ        SELECT  ${statement}\n`;

  test("prints a short line a record, of every hour, and says at the end what it hid and could not decode", async () => {
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

test("is installed with its decoder and the mount as its folder, and taken away whole", async () => {
  const install = path.join(PROJECT_ROOT, "scripts", "vm", "install-audit-tail.sh");
  const [bin, lib] = [path.join(container.folder, "bin"), path.join(container.folder, "lib")];
  fs.mkdirSync(bin);
  const env = { ...process.env, BIN_FOLDER: bin, LIB_FOLDER: lib };
  const step = (verb: string) =>
    spawnSync("bash", [install, verb, container.root], { env, encoding: "utf8" });
  if (os.userInfo().uid !== 0) {
    expect(step("apply").stderr).toContain("must run as root");
    return;
  }
  step("apply");
  expect(step("apply")).toMatchObject({ status: 0, stderr: "" });
  container.append("2024/03/05/09", `${azureLine(`${PREFIX}LOG:  hello`)}\n`);
  const tail = spawn(path.join(bin, "audit-tail"), ["--decode", "--from-start"]);
  let out = "";
  tail.stdout.on("data", (data: Buffer) => (out += data.toString()));
  const ended = new Promise((resolve) => tail.once("close", resolve));
  await pollUntil(() => out.includes("\n"), { what: "a line", timeoutSeconds: 25 });
  tail.kill("SIGTERM");
  await ended;
  expect(out).toBe("19:24:35  alice@postgres        log         hello\n");
  expect(step("remove")).toMatchObject({ status: 0, stderr: "" });
  expect(fs.readdirSync(container.folder).sort()).toEqual(["bin", "mycontainer"]);
  expect(fs.readdirSync(bin)).toEqual([]);
});
