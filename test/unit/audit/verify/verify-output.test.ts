import * as fs from "node:fs";
import * as path from "node:path";
import { EXIT, runAudit } from "../../../../audit/run";
import type { TrailReport } from "../../../../audit/verify/trail-check";
import { tempFolder } from "../../support/temp-folder";
import { CapturedStream } from "../output/captured-stream";
import { azure, capturedLines } from "./trails";

const folder = tempFolder();

/** Runs --verify on files with these lines. */
async function verify(lines: readonly string[], ...argv: string[]) {
  const file = path.join(folder(), "PT1H.json");
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  const stdout = new CapturedStream();
  const notices: string[] = [];
  const status = await runAudit(["--verify", ...argv, file], {
    ...{ program: "pg-audit", env: {}, stdout, notify: (line: string) => notices.push(line) },
    signal: new AbortController().signal,
  });
  return { status, text: stdout.text, notices: notices.join("\n") };
}

/** Sessions of Azure's own users, which other outputs hide. */
const session = capturedLines().filter(
  ({ session_id }, _, [first]) => session_id === first?.session_id,
);
const azures = session.map((line) => azure(line));

test("a complete trail has status 0, Azure's own sessions included", async () => {
  const { status, text, notices } = await verify(azures);
  expect(status).toBe(EXIT.success);
  expect(text).toBe(
    "pg1: 4 lines, 1 session, 1 complete; 2026-11-29 15:10:10 to 2026-11-29 15:10:10 UTC\n\n" +
      "Complete: 1 session, 4 lines, no unexplained gap.\n",
  );
  expect(notices).not.toContain("hidden");
});

test("a missing line has status 2, and is described with its place", async () => {
  const { status, text } = await verify(azures.filter((_, index) => index !== 1));
  expect(status).toBe(EXIT.doubtful);
  expect(text).toMatch(/^Unexplained: 1\n {2}2026-11-29 15:10:10 {2}gap 2 {2}\S+ {2}azuresu$/m);
  expect(text).toMatch(/^ {4}after byte 0 of \S+PT1H\.json, 2026-11-29 15:10:10$/m);
  expect(text).toContain("A message over 65 KB");
  expect(text).toMatch(/\nNot complete: 1 unexplained finding; 1 session, 3 lines\.\n$/);
});

test("the table's times are in the zone that is asked for", async () => {
  const { text } = await verify(azures.slice(1), "--time-zone", "America/New_York");
  expect(text).toContain("2026-11-29 10:10:10 to 2026-11-29 10:10:10 America/New_York");
  expect(text).toMatch(/^ {4}2026-11-29 10:10:10 {2}beginning 1 /m);
});

test("JSON has everything, in one line", async () => {
  const { status, text } = await verify(
    azures.filter((_, index) => index !== 1),
    ...["--format", "json", "--threads", "2"],
  );
  expect(status).toBe(EXIT.doubtful);
  expect(text).toMatch(/^[^\n]*\n$/);
  const report = JSON.parse(text) as TrailReport;
  expect(report).toMatchObject({ verdict: "not complete", unexplained: 1 });
  expect(report.findings).toMatchObject([
    { kind: "gap", explained: false, from_number: 2, to_number: 2, server: "pg1" },
  ]);
});

test("the start of a range explains sessions that began before it", async () => {
  const later = session.map((line, index) => ({
    ...line,
    timestamp: line.timestamp.replace("15:10:10", `15:10:${10 + index * 10}`),
  }));
  const lines = later.map((line) => azure(line));
  const { status, text } = await verify(lines, "--since", "2026-11-29T15:10:25Z");
  expect(status).toBe(EXIT.success);
  expect(text).toContain("the session began at 2026-11-29T15:10:10.000Z, before the first line");
  expect(text).toMatch(/beginning 1 to 2 /);
});

test("a prefix without numbers has status 2, and the advice which one is needed", async () => {
  const lines = session.map((line) => azure(line, { prefix: "%t-%c-" }));
  const { status, text } = await verify(lines);
  expect(status).toBe(EXIT.doubtful);
  expect(text).toContain("4 lines without a number or a session in the prefix");
  expect(text).toContain('log_line_prefix to "%t %p %l-1 %c %s db-%d,user-%u,app-%a,client-%h ".');
  expect(text).toContain("Can't be verified: 4 lines without a number; 0 sessions, 4 lines.");
  expect((await verify([])).text).toBe("Can't be verified: no lines were read.\n");
});

test("many findings are shortened, and names can't send escape sequences", async () => {
  const lines = Array.from({ length: 60 }, (_, index) => ({
    ...{ timestamp: "2026-11-29 15:10:10.000 UTC", pid: 7, session_id: "6b0c4052.7" },
    session_start: "2026-11-29 15:10:10 UTC",
    ...{ line_num: index * 3 + 1, error_severity: "LOG", user: "a\u001b[2J", remote_host: "::1" },
    message: `AUDIT: SESSION,${index + 1},1,READ,SELECT,,,select,<none>`,
  }));
  // One pair without a gap: each message takes one number.
  const { text } = await verify(
    [...lines, { ...lines[0], line_num: 2 }].map((line) => azure(line as (typeof lines)[0])),
  );
  expect(text.match(/^ {2}2026.*gap/gm)).toHaveLength(50);
  expect(text).toMatch(/^ {2}and \d+ more \(--format json has all\)$/m);
  expect(text).toContain("a\\x1b[2J");
});
