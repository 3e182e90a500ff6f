import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { FileSource } from "../../../../audit/sources/file-source";
import { line, messages, trailFolder } from "./trail-folder";

const { folder, write } = trailFolder();

let notices: string[];
let source: FileSource;
function read(...paths: string[]): Promise<(string | null)[]> {
  notices = [];
  source = new FileSource({ paths, notify: (text) => notices.push(text) });
  return messages(source);
}
const inFolder = (name: string) => path.join(folder(), name);
const link = (name: string, target: string) => fs.symlinkSync(target, inFolder(name));
const fifo = (name: string) => {
  spawnSync("mkfifo", [inFolder(name)]);
  return inFolder(name);
};

/** Runs as a user who isn't root, whom modes of files don't concern. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action();
  fs.chmodSync(folder(), 0o755);
  process.seteuid?.(65534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe("files and folders that can't be read", () => {
  test("are each named with the reason, and the others are read", async () => {
    write("a.json", `${line("a")}\n`);
    link("dangling.json", "nowhere");
    link("loop.json", "loop.json");
    link("mem.json", "/proc/self/mem");
    fifo("fifo.json");
    const server = net.createServer().listen(inFolder("socket.json"));
    write("z.json", `${line("z")}\n`);
    expect(await read(folder())).toEqual(["a", "z"]);
    server.close();
    const special = "it is a FIFO, a socket or a device, which is only read if it is given itself";
    expect(notices.sort()).toEqual([
      `${folder()}/dangling.json: it doesn't exist, or is a link to a file that doesn't exist (ENOENT)`,
      `${folder()}/fifo.json: ${special}`,
      `${folder()}/loop.json: it is a link that leads back to itself (ELOOP)`,
      `${folder()}/mem.json: its disk or mount reports an error (EIO)`,
      `${folder()}/socket.json: ${special}`,
    ]);
    expect(source.unreadable.count).toBe(5);
  });

  test("because of their modes are named too", async () => {
    fs.chmodSync(write("a.json", `${line("a")}\n`), 0);
    fs.chmodSync(path.dirname(write("b/b.json", `${line("b")}\n`)), 0);
    write("c.json", `${line("c")}\n`);
    expect(await asNobody(() => read(folder()))).toEqual(["c"]);
    expect(notices.sort()).toEqual([
      expect.stringMatching(/a\.json: you may not read it; .* \(EACCES\)$/),
      expect.stringMatching(/\/b: you may not read it; .* \(EACCES\)$/),
    ]);
  });

  test("are no reason to end if others were given too, but if they are all", async () => {
    const bad = inFolder("bad");
    link("bad", "/proc/self/mem");
    const good = write("good", `${line("good")}\n`);
    expect(await read(bad, good)).toEqual(["good"]);
    expect(source.unreadable.count).toBe(1);
    await expect(read(bad)).rejects.toThrow("No file could be read.");
    expect(notices).toEqual([expect.stringContaining("EIO")]);
  });

  test("and whose names contain escape sequences don't send them to the terminal", async () => {
    link("\x1b[2J.json", "nowhere");
    write("\x1b[2J.pdf", "");
    await expect(read(folder())).rejects.toThrow();
    expect(notices.join()).toContain("\\x1b[2J.json");
    expect(notices.join()).toContain("\\x1b[2J.pdf");
    expect(notices.join()).not.toContain("\x1b");
    await expect(read(inFolder("\x1b[2J"))).rejects.toThrow("\\x1b[2J: there is no such file");
  });

  test("to their end are read up to there", async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => line(`${index} ${Math.random()}`));
    const whole = gzipSync(`${lines.join("\n")}\n`);
    const middle = Math.floor(whole.length / 2);
    write("a.json.gz", whole.subarray(0, middle));
    const damaged = Buffer.from(whole);
    damaged.fill(0x55, middle, middle + 1000);
    write("b.json.gz", damaged);
    write("c.json", `${line("c")}\n`);
    const all = await read(folder());
    expect(all.at(-1)).toBe("c");
    expect(all.filter((message) => message?.startsWith("1000 "))).toHaveLength(2);
    expect(notices).toEqual([
      expect.stringMatching(/a\.json\.gz: its compression is cut off; .* \(Z_BUF_ERROR\)$/),
      expect.stringMatching(/b\.json\.gz: its compression is damaged; .* \(Z_DATA_ERROR\)$/),
    ]);
  });
});

test("a pipe that is given itself is read", async () => {
  const pipe = fifo("pipe");
  const writer = spawn("sh", ["-c", 'cat "$0" > "$1"', write("a", `${line("a")}\n`), pipe]);
  expect(await read(pipe)).toEqual(["a"]);
  expect(writer.exitCode ?? 0).toBe(0);
  const compressed = write("b", gzipSync(`${line("b")}\n`));
  spawn("sh", ["-c", 'cat "$0" > "$1"', compressed, pipe]);
  expect(await read(pipe)).toEqual(["b"]);
});

describe("of a folder", () => {
  test("files are known by their names or first bytes, and the others are counted", async () => {
    write("a.TXT", `${line("txt")}\n`);
    write("PT1H", `${line("no ending")}\n`);
    write("b.log.1", `${line("rotated")}\n`);
    write("c", gzipSync(`[${line("compressed")}]`));
    write("notes.txt", "Dear diary");
    write("README", "# Read me");
    for (const name of ["x.pdf", "y.pdf", ".hidden"]) write(name, `${line(name)}\n`);
    expect(await read(folder())).toEqual(["no ending", "txt", "rotated", "compressed"]);
    expect(notices).toEqual([
      "5 files were not read, by name or first bytes no trail; give a file itself to read it: .hidden, README, notes.txt and 2 more",
    ]);
    expect(source.unreadable.count).toBe(0);
  });

  test("linked files are read, and linked folders are named", async () => {
    write("below/a.json", `${line("a")}\n`);
    link("b.json", "below/a.json");
    link("below/up", folder());
    expect(await read(folder())).toEqual(["a", "a"]);
    expect(notices).toEqual([
      "1 linked folder was not read, as links may lead in a circle; give a folder itself to read it: up",
    ]);
    link("given", "below");
    expect(await read(inFolder("given"))).toEqual(["a"]);
  });
});
