import * as fs from "node:fs";
import * as path from "node:path";
import { LineNumbers } from "../../../../../local/backends/log-shipper/line-numbers";
import type { JsonLogLine } from "../../../../../local/backends/log-shipper/log-line-prefix";
import { PROJECT_ROOT } from "../../../../../local/paths";

const fixture = (name: string): string[] =>
  fs
    .readFileSync(path.join(PROJECT_ROOT, "test/unit/audit/decode/fixtures", name), "utf8")
    .trimEnd()
    .split("\n");

/** The numbers by session. */
function bySession(lines: readonly (readonly [string | undefined, number | undefined])[]) {
  const sessions: Record<string, number[]> = {};
  for (const [session = "", number = 0] of lines) (sessions[session] ??= []).push(number);
  return sessions;
}

/** A line of the plain log with the lab's prefix: the number, the session, and what comes after the prefix. */
const PLAIN =
  /^[\d: -]{19} UTC \d+ (\d+)-1 ([0-9a-f.]+) .*?,client-(?:127\.0\.0\.1)? ([A-Z]+): {2}/;
const FURTHER = new Set(["DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "STATEMENT"]);

test("messages have the numbers of PostgreSQL's own plain log, where further lines count too", () => {
  const plain = fixture("trail.stderr").flatMap((line) => {
    const [, number, session, word = ""] = PLAIN.exec(line) ?? [];
    return session === undefined || FURTHER.has(word) ? [] : [[session, Number(number)] as const];
  });
  const numbers = new LineNumbers();
  const shipped = fixture("trail.jsonlog").map((text) => {
    const { session_id, line_num } = numbers.number(JSON.parse(text) as JsonLogLine);
    return [session_id, line_num] as const;
  });
  expect(plain.length).toBeGreaterThan(150);
  expect(bySession(shipped)).toEqual(bySession(plain));
});

const line = (fields: Partial<JsonLogLine>): JsonLogLine => ({
  ...{ timestamp: "2026-11-22 17:51:17.034 UTC", pid: 1, session_id: "6b.1", line_num: 2 },
  ...{ error_severity: "ERROR", message: "no", ...fields },
});

test("the numbers continue where they were saved, and begin again with a session of the same id", () => {
  const first = new LineNumbers();
  first.number(line({ line_num: 1, detail: "d", hint: "h" }));
  const next = new LineNumbers(JSON.parse(JSON.stringify(first.state)) as Record<string, number>);
  expect(next.number(line({ line_num: 2 })).line_num).toBe(4);
  expect(next.number(line({ line_num: 1 })).line_num).toBe(1);
});

test("a session that has ended isn't remembered", () => {
  const numbers = new LineNumbers();
  numbers.number(line({ statement: "select" }));
  expect(numbers.state).toEqual({ "6b.1": 1 });
  expect(numbers.number(line({ line_num: 3, message: "disconnection: x" })).line_num).toBe(4);
  expect(numbers.state).toEqual({});
});
