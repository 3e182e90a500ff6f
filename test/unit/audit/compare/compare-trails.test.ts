import * as fs from "node:fs";
import * as path from "node:path";
import { spansOf } from "../../../../audit/compare/compare-trails";
import { EXIT, runAudit } from "../../../../audit/run";
import { tempFolder } from "../../support/temp-folder";
import { auditMessage, azureLine } from "../azure-lines";
import { CapturedStream } from "../output/captured-stream";

const folder = tempFolder();

function write(name: string, lines: readonly (readonly [day: number, user: string])[]): string {
  const file = path.join(folder(), name);
  const message = auditMessage("READ", "SELECT", "SELECT 1");
  const texts = lines.map(([day, user]) =>
    azureLine({ message, user, timestamp: `2026-11-${day} 12:00:00.000 UTC` }),
  );
  fs.writeFileSync(file, texts.map((text) => `${text}\n`).join(""));
  return file;
}

async function compare(argv: readonly string[], signal = new AbortController().signal) {
  const stdout = new CapturedStream();
  const notices: string[] = [];
  const status = await runAudit(argv, {
    program: "pg-audit",
    env: {},
    stdout,
    notify: (line) => notices.push(line),
    signal,
  });
  return { status, notices, text: stdout.text };
}

/** The changes of users in CSV. */
const usersIn = (text: string) =>
  text.split("\r\n").flatMap((line) => /^(\w+),user,(\w+),/.exec(line)?.slice(1).join(" ") ?? []);

test("two days of a trail: records between them are in neither, and each line is counted once", async () => {
  const file = write("trail.json", [
    [19, "early"],
    [20, "alice"],
    [21, "between"],
    [22, "bob"],
  ]);
  fs.appendFileSync(file, '{"cut\n');
  const argv = ["--compare", "2026-11-20", "2026-11-22", "--format", "csv", file];
  const { status, notices, text } = await compare(argv);
  expect(usersIn(text)).toEqual(["new bob", "gone alice"]);
  expect(notices[0]).toBe("audit: 2 records; 1 broken line:");
  expect(status).toBe(EXIT.doubtful);
});

test("two files, wherever the option is, with the same filters", async () => {
  const before = write("a.json", [
    [20, "alice"],
    [20, "same"],
  ]);
  const after = write("b.json", [
    [20, "bob"],
    [20, "carol"],
    [20, "same"],
  ]);
  const all = await compare(["--format", "csv", "--compare", before, after]);
  expect(usersIn(all.text)).toEqual(["new bob", "new carol", "gone alice"]);
  expect(all.notices).toEqual(["audit: 5 records"]);
  expect(all.status).toBe(EXIT.success);
  const filtered = await compare(["--compare", before, after, "--format", "csv", "--user", "*o*"]);
  expect(usersIn(filtered.text)).toEqual(["new bob", "new carol"]);
  expect(filtered.notices).toEqual(["audit: 2 records; 3 left out by the filters"]);
});

test("after Ctrl-C nothing is written, since what is gone would be uncertain", async () => {
  const [before, after] = [write("a.json", [[20, "alice"]]), write("b.json", [[20, "bob"]])];
  const { status, notices, text } = await compare(
    ["--compare", before, after],
    AbortSignal.abort(),
  );
  expect(text).toBe("");
  expect(status).toBe(EXIT.interrupted);
  expect(notices[0]).toBe("audit: nothing was written, because it would be incomplete");
});

test("what is between distant ranges isn't downloaded from a container", () => {
  const range = (since: string, until: string) => ({
    since: new Date(`2026-11-${since}:00Z`),
    until: new Date(`2026-11-${until}:00Z`),
  });
  const before = range("10T00", "11T00");
  const far = range("20T00", "21T00");
  expect(spansOf({ before, after: far }, false)).toEqual([before, far]);
  expect(spansOf({ before: far, after: before }, true)).toEqual([range("10T00", "21T00")]);
  // The blob of the hour after a range is read for both.
  const near = range("11T01", "12T00");
  expect(spansOf({ before, after: near }, false)).toEqual([range("10T00", "12T00")]);
  const within = range("10T06", "10T12");
  expect(spansOf({ before, after: within }, false)).toEqual([before]);
});
