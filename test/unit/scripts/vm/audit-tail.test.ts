import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../../../common/poll";
import { AUDIT_TAIL, AuditTail } from "../../support/audit-tail";

const auditTail = new AuditTail();

test("prints new lines, not the existing ones", async () => {
  auditTail.container.append("2024/03/05/09", "old\n");
  const tail = auditTail.follow();
  await tail.waitFor("following", "err");
  auditTail.container.append("2024/03/05/09", "new\n");
  await tail.waitFor("new");
  expect(tail.out).toBe("new\n");
});

test("--from-start begins with the current hour's first line and skips earlier hours", async () => {
  auditTail.container.append("2024/03/05/08", "earlier\n");
  auditTail.container.append("2024/03/05/09", "one\ntwo\n");
  const tail = auditTail.follow("--from-start");
  await tail.waitFor("two");
  expect(tail.out).toBe("one\ntwo\n");
});

test("--lines begins with the last lines", async () => {
  auditTail.container.append("2024/03/05/09", "one\ntwo\nthree\n");
  const tail = auditTail.follow("--lines", "2");
  await tail.waitFor("three");
  expect(tail.out).toBe("two\nthree\n");
});

test("keeps an incomplete line until its end arrives, also one that exists at the start", async () => {
  auditTail.container.append("2024/03/05/09", 'old\n{"half');
  const tail = auditTail.follow();
  await tail.waitFor("following", "err");
  auditTail.container.append("2024/03/05/09", '":1}\n{"next');
  await tail.waitFor('{"half":1}');
  expect(tail.out).toBe('{"half":1}\n');
  auditTail.container.append("2024/03/05/09", '":2}\n');
  await tail.waitFor('{"next":2}');
  expect(tail.out).toBe('{"half":1}\n{"next":2}\n');
});

test("counts bytes, so that non-ASCII letters shift nothing", async () => {
  auditTail.container.append("2024/03/05/09", "žluťoučký kůň\n");
  const tail = auditTail.follow();
  await tail.waitFor("following", "err");
  auditTail.container.append("2024/03/05/09", "příliš\n");
  await tail.waitFor("příliš\n");
  auditTail.container.append("2024/03/05/09", "end\n");
  await tail.waitFor("end");
  expect(tail.out).toBe("příliš\nend\n");
});

test("continues with every later hour, across the ends of day, month and year", async () => {
  auditTail.container.append("2023/12/31/23", "a\n");
  const tail = auditTail.follow("--from-start");
  await tail.waitFor("a\n");
  auditTail.container.append("2024/01/01/05", "b\n");
  auditTail.container.append("2024/02/01/00", "c\n");
  await tail.waitFor("c\n");
  expect(tail.out).toBe("a\nb\nc\n");
});

test("prints late lines of the hour before", async () => {
  auditTail.container.append("2024/03/05/09", "first\n");
  const tail = auditTail.follow("--from-start");
  await tail.waitFor("first");
  auditTail.container.append("2024/03/05/10", "second\n");
  await tail.waitFor("second");
  auditTail.container.append("2024/03/05/09", "late\n");
  await tail.waitFor("late");
  expect(tail.out).toBe("first\nsecond\nlate\n");
});

test("waits for the first blob and prints all of it", async () => {
  const tail = auditTail.follow();
  await tail.waitFor("no log blob under", "err");
  auditTail.container.append("2024/03/05/09", "first\n");
  await tail.waitFor("first");
  expect(tail.err.match(/no log blob/g)).toHaveLength(1);
});

test("continues where it was after the mount was away", async () => {
  auditTail.container.append("2024/03/05/09", "old\n");
  const tail = auditTail.follow();
  await tail.waitFor("following", "err");
  const elsewhere = `${auditTail.container.root}.away`;
  fs.cpSync(auditTail.container.root, elsewhere, { recursive: true });
  fs.rmSync(auditTail.container.root, { recursive: true });
  fs.mkdirSync(auditTail.container.root); // what an unmounted mount point looks like
  await tail.waitFor("waiting until the mount is back", "err");
  fs.rmdirSync(auditTail.container.root);
  fs.renameSync(elsewhere, auditTail.container.root);
  auditTail.container.append("2024/03/05/09", "new\n");
  await tail.waitFor("new");
  expect(tail.out).toBe("new\n");
  expect(tail.err.match(/waiting until/g)).toHaveLength(1);
  expect(tail.err).toContain("the mount is back");
});

test("follows the server that logged last, and another one on request", async () => {
  auditTail.container.append("2024/03/05/09", "from A\n", "SERVER-A");
  auditTail.container.append("2024/03/05/10", "from B\n", "SERVER-B");
  const newest = auditTail.follow("--from-start");
  await newest.waitFor("from B");
  expect(newest.err).toContain("2 servers log here");
  const named = auditTail.follow("--from-start", "--resource", "server-a");
  await named.waitFor("from A");
  expect(named.out).toBe("from A\n");
});

test.each([
  ["shorter", "new\n"],
  ["replaced by another one that is larger", `${"x".repeat(20)}\nnew\n`],
])("reads a blob from its start when it is %s", async (_, text) => {
  auditTail.container.append("2024/03/05/09", "one\ntwo\n");
  const tail = auditTail.follow();
  await tail.waitFor("following", "err");
  fs.writeFileSync(auditTail.container.blob("2024/03/05/09"), text);
  await tail.waitFor("new\n");
  expect(tail.out).toBe(text);
  expect(tail.err).toContain("/PT1H.json is shorter than it was, or another one");
});

test("reads no line twice of a blob that loses its end for some seconds, as when Azurite is killed", async () => {
  auditTail.container.append("2024/03/05/09", "one\ntwo\n");
  const tail = auditTail.follow("--from-start");
  await tail.waitFor("two\n");
  fs.truncateSync(auditTail.container.blob("2024/03/05/09"), "one\n".length);
  await tail.waitFor("/PT1H.json is missing; waiting", "err");
  auditTail.container.append("2024/03/05/09", "two\nthree\n");
  await tail.waitFor("three\n");
  expect(tail.out).toBe("one\ntwo\nthree\n");
});

test("continues in the next hour's blob before the hour ends, as where a blob takes no more blocks", async () => {
  const [hour, next] = [0, 1].map((hours) =>
    new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 13).replaceAll(/[-T]/g, "/"),
  ) as [string, string];
  auditTail.container.append(hour, "a\n");
  const tail = auditTail.follow("--from-start");
  await tail.waitFor("a\n");
  auditTail.container.append(next, "b\n");
  await tail.waitFor("b\n");
  expect(tail.out).toBe("a\nb\n");
});

test("reads each byte of a large blob once, from the last whole line before it started", async () => {
  const calls = path.join(auditTail.container.folder, "calls");
  const PATH = auditTail.pathWith({ dd: `echo "$*" >>${calls}; exec /usr/bin/dd "$@"` });
  auditTail.container.enlarge("2024/03/05/09", 40);
  const size = fs.statSync(auditTail.container.blob("2024/03/05/09")).size;
  const tail = auditTail.followWith({ PATH });
  await tail.waitFor("following", "err");
  auditTail.container.append("2024/03/05/09", "one\n");
  await tail.waitFor("one\n");
  auditTail.container.append("2024/03/05/09", "two\n");
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
    auditTail.container.enlarge(HOUR, 80);
  });

  test("is read on without it, with a note once of the sizes and the key to change", async () => {
    const tail = auditTail.followWith({ PATH: auditTail.pathWith({ findmnt }) });
    await tail.waitFor("following", "err");
    auditTail.container.append(HOUR, "one\n");
    await tail.waitFor("one");
    auditTail.container.append(HOUR, "two\n");
    await tail.waitFor("two");
    expect(tail.out).toBe("one\ntwo\n");
    expect(tail.err).toMatch(SIZES);
    expect(tail.err).toContain("Set cacheSizeMb above");
    expect(tail.err).toContain("audit-tail reads on");
    expect(tail.err.match(/cacheSizeMb/g)).toHaveLength(1);
  });

  test("is said not to be readable through it, instead of not to exist", async () => {
    const dd = "echo 'dd: Input/output error' >&2; exit 1";
    const env = { PATH: auditTail.pathWith({ findmnt, dd }), HOME: auditTail.container.folder };
    const tail = auditTail.followWith(env);
    await tail.waitFor("Without --root, audit-tail reads it.", "err");
    expect(tail.err).toMatch(SIZES);
    expect(tail.err).toContain("Set cacheSizeMb above");
    expect(tail.err).not.toContain("no log blob");
  });
});

describe("Ctrl-C", () => {
  /** Runs it in a process group of its own, and sends SIGINT to the group, as a terminal does. */
  async function interrupt(when: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    auditTail.container.append("2024/03/05/09", "old\n");
    const scratch = path.join(auditTail.container.folder, "tmp");
    fs.mkdirSync(scratch);
    const args = ["--root", auditTail.container.root, "--interval", "0.02", "--from-start"];
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
    const programs = path.join(auditTail.container.folder, "programs");
    fs.mkdirSync(programs);
    const tail = "#!/usr/bin/env bash\ntrap '' INT\necho printing >&2\nexec sleep 60\n";
    fs.writeFileSync(path.join(programs, "tail"), tail, { mode: 0o755 });
    await interrupt("printing", { PATH: `${programs}:${process.env.PATH}` });
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
  const tail = auditTail.follow(...options);
  await expect(tail.status).resolves.toBe(64);
  expect(tail.err).toContain(message);
});
