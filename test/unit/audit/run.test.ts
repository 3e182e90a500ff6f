import * as fs from "node:fs";
import * as path from "node:path";
import { EXIT, runAudit } from "../../../audit/run";
import type { StackTrail } from "../../../audit/sources/open-trail";
import { tempFolder } from "../support/temp-folder";
import { auditMessage, azureLine } from "./azure-lines";
import { CapturedStream } from "./output/captured-stream";

const folder = tempFolder();

function run(argv: readonly string[], findStackTrail?: () => Promise<StackTrail>) {
  return runAudit(argv, {
    program: "pg-audit",
    env: {},
    stdout: new CapturedStream(),
    notify: () => undefined,
    signal: AbortSignal.abort(),
    findStackTrail,
  });
}

test("the host finds the trail of a stack, the named or the default one", async () => {
  const findStackTrail = jest.fn().mockRejectedValue(new Error("no such stack"));
  await expect(run(["--stack", "dev"], findStackTrail)).rejects.toThrow("no such stack");
  await expect(run([], findStackTrail)).rejects.toThrow("no such stack");
  expect(findStackTrail.mock.calls).toEqual([["dev"], [undefined]]);
});

test("a file is read without the host", async () => {
  const findStackTrail = jest.fn();
  expect(await run([__filename], findStackTrail)).toBe(EXIT.interrupted);
  expect(findStackTrail).not.toHaveBeenCalled();
});

test("no notice sends control characters of a file's name to the terminal", async () => {
  const file = path.join(folder(), "\x1b[31m\x9b\u202e\naudit: 9 records.json");
  fs.writeFileSync(file, '{"cut\n');
  const notices: string[] = [];
  const status = await runAudit([file], {
    program: "pg-audit",
    env: {},
    stdout: new CapturedStream(),
    notify: (line) => notices.push(line),
    signal: new AbortController().signal,
  });
  expect(status).toBe(EXIT.doubtful);
  expect(notices.join("")).toContain("\\x1b[31m\\x9b\\u202e audit: 9 records.json, byte 0");
  expect(notices.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("after Ctrl-C it says that a result that needs the whole trail wasn't written", async () => {
  const file = path.join(folder(), "report.html");
  const notices: string[] = [];
  const status = await runAudit(["--html", file, __filename], {
    program: "pg-audit",
    env: {},
    stdout: new CapturedStream(),
    notify: (line) => notices.push(line),
    signal: AbortSignal.abort(),
  });
  expect(status).toBe(EXIT.interrupted);
  expect(notices).toContain("audit: nothing was written, because it would be incomplete");
  expect(fs.existsSync(file)).toBe(false);
});

describe("a trail", () => {
  const SERVERS = "resourceId=/SUBSCRIPTIONS/S/FLEXIBLESERVERS";

  function write(file: string, content: string): void {
    const whole = path.join(folder(), file);
    fs.mkdirSync(path.dirname(whole), { recursive: true });
    fs.writeFileSync(whole, content);
  }

  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => {
      const message = auditMessage("READ", "SELECT", `SELECT ${from + index}`);
      return `${azureLine({ message })}\n`;
    }).join("");

  async function read(...argv: string[]) {
    const stdout = new CapturedStream();
    const notices: string[] = [];
    const status = await runAudit(["--format", "json", ...argv, folder()], {
      ...{ program: "pg-audit", env: {}, stdout, signal: new AbortController().signal },
      notify: (text) => notices.push(text),
    });
    const shown = [...stdout.text.matchAll(/"statement":"SELECT (\d+)"/g)].map(([, text]) => text);
    return { shown, notices: notices.join("\n"), status };
  }

  test.each([[[]], [["--threads", "4"]]])(
    "--limit shows the first records, and --tail the last; %j",
    async (threads) => {
      // Chunks have 1 MiB: reading ends within one, and within a line.
      for (let file = 0; file < 3; file++)
        write(`${file}.json`, lines(file * 3000, file * 3000 + 3000));
      const first = await read("--limit", "3", ...threads);
      expect(first.shown).toEqual(["0", "1", "2"]);
      expect(first.notices).toBe("audit: 3 records\naudit: stopped early after 3 records");
      expect(first.status).toBe(EXIT.success);
      const last = await read("--tail", "2", ...threads);
      expect(last.shown).toEqual(["8998", "8999"]);
      expect(last.notices).toBe("audit: these are the last 2 of 9,000 records\naudit: 2 records");
    },
  );

  test("--server reads that server's folder only", async () => {
    const blob = (name: string) => `${SERVERS}/${name}/y=2026/m=11/d=22/h=17/m=00/PT1H.json`;
    const of = (name: string, text: string) => text.replaceAll("/PG1", `/${name}`);
    write(blob("PG1"), lines(1, 2));
    write(blob("PG2"), of("PG2", lines(2, 3)));
    write("copy.json", of("PG2", lines(3, 4)) + lines(4, 5));
    const opened = jest.spyOn(fs.promises, "open");
    expect((await read("--server", "Pg2")).shown).toEqual(["3", "2"]);
    const names = opened.mock.calls.map(([name]) => String(name));
    opened.mockRestore();
    expect(names.some((name) => name.includes("/PG2/"))).toBe(true);
    expect(names.filter((name) => name.includes("/PG1/"))).toEqual([]);
    expect((await read("--server", "pg*,!pg2")).shown).toEqual(["4", "1"]);
  });
});
