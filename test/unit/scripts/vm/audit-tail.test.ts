import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../../local/common/poll";
import { PROJECT_ROOT } from "../../../../local/common/paths";

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

test.each([
  [["--lines", "many"], "--lines is 'many'"],
  [["--interval", "0,5"], "--interval is '0,5'"],
  [["--follow"], "unknown option '--follow'"],
  [["--resource"], "--resource needs a value"],
  [["--from-start", "--lines", "3"], "exclude each other"],
])("refuses %p", async (options, message) => {
  const tail = follow(...options);
  await expect(tail.status).resolves.toBe(64);
  expect(tail.err).toContain(message);
});
