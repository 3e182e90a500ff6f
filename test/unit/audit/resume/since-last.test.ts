import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { EXIT, runAudit } from "../../../../audit/run";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";
import { CapturedStream } from "../output/captured-stream";

const folder = tempFolder();
const inFolder = (name: string) => path.join(folder(), name);

const line = (index: number | string) =>
  azureLine({ message: auditMessage("READ", "SELECT", `SELECT ${index}`) });
const lines = (...indices: number[]) => indices.map((index) => `${line(index)}\n`).join("");

function write(name: string, content: string | Buffer): void {
  fs.mkdirSync(path.dirname(inFolder(name)), { recursive: true });
  fs.writeFileSync(inFolder(name), content);
}

const append = (name: string, content: string) => fs.appendFileSync(inFolder(name), content);

interface Run {
  readonly statements: string[];
  readonly notices: string;
  readonly status: number;
}

async function run(options: readonly string[] = [], stdout = new CapturedStream()): Promise<Run> {
  const notices: string[] = [];
  const argv = ["--since-last", inFolder("state.json"), "--format", "json", ...options];
  const status = await runAudit([...argv, inFolder("trail")], {
    ...{ program: "pg-audit", env: {}, stdout, signal: new AbortController().signal },
    notify: (text) => notices.push(text),
  });
  const records = stdout.lines.filter(Boolean).map((text) => JSON.parse(text) as object);
  return {
    statements: records.map((record) => String((record as { statement: string }).statement)),
    notices: notices.join("\n"),
    status,
  };
}

const statements = (...indices: number[]) => indices.map((index) => `SELECT ${index}`);

test("each run shows what was appended since the one before, and new files", async () => {
  write("trail/a.json", lines(1, 2));
  expect((await run()).statements).toEqual(statements(1, 2));
  expect((await run()).statements).toEqual([]);
  append("trail/a.json", lines(3));
  write("trail/b.json", lines(4));
  expect((await run()).statements).toEqual(statements(3, 4));
  expect((await run()).statements).toEqual([]);
});

test("a line that is still being written is shown when it is complete, once", async () => {
  const [start, end] = [line(2).slice(0, 100), line(2).slice(100)];
  write("trail/a.json", lines(1) + start);
  const first = await run();
  expect(first).toMatchObject({ statements: statements(1), status: EXIT.success });
  expect(first.notices).toMatch(/last line of .*a\.json isn't complete yet/);
  append("trail/a.json", end);
  expect((await run()).statements).toEqual([]);
  append("trail/a.json", `\n${lines(3)}`);
  expect((await run()).statements).toEqual(statements(2, 3));
});

test("a file that can't be read ends no run, and is read by the next one from where it was", async () => {
  write("trail/a.json", lines(1));
  write("trail/b.json", lines(2));
  await run();
  fs.renameSync(inFolder("trail/a.json"), inFolder("a.json"));
  fs.symlinkSync("/proc/self/mem", inFolder("trail/a.json"));
  append("trail/b.json", lines(3));
  const second = await run();
  expect(second).toMatchObject({ statements: statements(3), status: EXIT.doubtful });
  expect(second.notices).toMatch(/a\.json: its disk or mount reports an error \(EIO\)/);
  append("a.json", lines(4));
  fs.renameSync(inFolder("a.json"), inFolder("trail/a.json"));
  expect(await run()).toMatchObject({ statements: statements(4), status: EXIT.success });
});

test("a row of csvlog that is still being written may contain line ends", async () => {
  const row = (message: string) =>
    `2026-11-22 17:51:17.034 UTC,"app","shop",1,"10.0.0.4:5",6380ab.12,1,"SELECT",2026-11-22 17:51:10 UTC,3/4,0,LOG,00000,"${message}",,,,,,,,,"psql","client backend",,0\n`;
  const whole = row(`AUDIT: SESSION,1,1,READ,SELECT,,,""SELECT\n'2'\n,3"",<none>`);
  write(
    "trail/a.csv",
    row("AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 1,<none>") + whole.slice(0, -30),
  );
  expect(await run()).toMatchObject({ statements: ["SELECT 1"], status: EXIT.success });
  append("trail/a.csv", whole.slice(-30));
  expect(await run()).toMatchObject({ statements: ["SELECT\n'2'\n,3"], status: EXIT.success });
});

test.each([
  ["shorter", lines(8)],
  ["as long", lines(8, 9)],
  ["longer", lines(7, 8, 9)],
])("a file that was replaced by a %s one is read from its start", async (_, replacement) => {
  write("trail/a.json", lines(1, 2));
  await run();
  write("trail/a.json", replacement);
  const { statements: shown, notices } = await run();
  expect(shown).toHaveLength(replacement.split("\n").length - 1);
  expect(notices).toMatch(/a\.json isn't the file that was read before; reading it from its start/);
  expect((await run()).statements).toEqual([]);
});

test("a compressed file is shown once", async () => {
  write("trail/a.json.gz", gzipSync(lines(1, 2)));
  expect((await run()).statements).toEqual(statements(1, 2));
  const again = await run();
  expect(again.statements).toEqual([]);
  expect(again.notices).not.toMatch(/isn't the file/);
});

test("more than is read at once is resumed in the middle of a file", async () => {
  const many = Array.from({ length: 4000 }, (_, index) => index);
  write("trail/a.json", lines(...many));
  expect((await run()).statements).toHaveLength(4000);
  append("trail/a.json", lines(4000));
  expect((await run()).statements).toEqual(statements(4000));
});

test("--since is where the first run begins", async () => {
  write("trail/a.json", lines(1));
  expect((await run(["--since", "2026-11-22T18:00Z"])).statements).toEqual([]);
  append("trail/a.json", lines(2).replaceAll("17:51:17", "18:51:17"));
  // A later run's is ignored: else records would be lost if no run was possible for some time.
  expect((await run(["--since", "2030-01-01T00:00Z"])).statements).toEqual(statements(2));
  append("trail/a.json", lines(3));
  expect((await run()).statements).toEqual([]);
});

test("a run whose output nobody received is repeated", async () => {
  write("trail/a.json", lines(1, 2));
  const gone = new CapturedStream();
  gone._write = (_chunk, _encoding, done: (error?: Error) => void) =>
    done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  expect((await run([], gone)).notices).toMatch(/state\.json stays as it was/);
  expect(fs.existsSync(inFolder("state.json"))).toBe(false);
  expect((await run()).statements).toEqual(statements(1, 2));
});

test("a run that was interrupted is repeated", async () => {
  write("trail/a.json", lines(1));
  const argv = ["--since-last", inFolder("state.json"), inFolder("trail/a.json")];
  const status = await runAudit(argv, {
    ...{ program: "pg-audit", env: {}, stdout: new CapturedStream(), signal: AbortSignal.abort() },
    notify: () => undefined,
  });
  expect(status).toBe(EXIT.interrupted);
  expect(fs.existsSync(inFolder("state.json"))).toBe(false);
  expect((await run()).statements).toEqual(statements(1));
});

test("the file is the owner's, and says how far each file was read", async () => {
  write("trail/a.json", lines(1, 2));
  await run();
  expect(fs.statSync(inFolder("state.json")).mode & 0o777).toBe(0o600);
  const state = JSON.parse(fs.readFileSync(inFolder("state.json"), "utf8")) as { readAt: string };
  const read = Buffer.from(lines(1, 2));
  expect(state).toEqual({
    version: 1,
    trail: inFolder("trail"),
    readAt: new Date(state.readAt).toISOString(),
    files: {
      [inFolder("trail/a.json")]: {
        offset: read.length,
        checked: read.length,
        sha256: createHash("sha256").update(read).digest("hex"),
      },
    },
  });
});

test.each(["", "{", "[]", '{"version":2,"trail":"","readAt":"2026-11-22T00:00:00Z","files":{}}'])(
  "a damaged file is refused, and kept: %s",
  async (content) => {
    write("trail/a.json", lines(1));
    write("state.json", content);
    await expect(run()).rejects.toThrow(/state\.json is damaged[^]*Restore it, or delete it/);
    expect(fs.readFileSync(inFolder("state.json"), "utf8")).toBe(content);
  },
);

test("the file of another trail is refused", async () => {
  write("trail/a.json", lines(1));
  await run();
  const other = { trail: inFolder("other"), version: 1, readAt: "2026-11-22T00:00:00Z", files: {} };
  write("state.json", JSON.stringify(other));
  await expect(run()).rejects.toThrow(/belongs to another trail, .*other, not .*trail/);
});

test("a file that can't be read or written is an error, and says whether the output is complete", async () => {
  write("trail/a.json", lines(1));
  await expect(run(["--since-last", inFolder("trail")])).rejects.toThrow(/trail can't be read/);
  const stdout = new CapturedStream();
  stdout._write = (chunk: Buffer, _encoding, done) => {
    stdout.text += chunk.toString();
    fs.mkdirSync(inFolder("state.json"), { recursive: true });
    done();
  };
  await expect(run([], stdout)).rejects.toThrow(
    /state\.json is a folder[^]*The output is complete, but the next run will show/,
  );
  expect(stdout.lines).toHaveLength(1);
});
