import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { fixtureLines } from "../decode/decoding";
import { azure, capturedLines, check, type Form } from "./trails";

const START = Date.parse("2026-11-22T23:50:00Z");

/** Seconds after START. */
function timestamp(seconds: number): string {
  return `${new Date(START + seconds * 1000).toISOString().slice(0, 23).replace("T", " ")} UTC`;
}

interface Session {
  /** When it begins, in seconds. @default 0 */
  readonly start?: number;
  readonly pid?: number;
}

/** Messages of a session, ten seconds apart. */
function session(
  messages: readonly (string | Partial<JsonLogLine>)[],
  { start = 0, pid = 100 }: Session = {},
): JsonLogLine[] {
  const id = Math.floor(START / 1000 + start).toString(16);
  return messages.map((message, index) => ({
    timestamp: timestamp(start + index * 10),
    ...{ user: "app", dbname: "shop", pid, remote_host: "10.0.0.4", application_name: "psql" },
    ...{ session_id: `${id}.${pid.toString(16)}`, line_num: index + 1 },
    ...{
      session_start: timestamp(start).replace(/\.\d+/, ""),
      error_severity: "LOG",
      state_code: "00000",
    },
    ...{ backend_type: "client backend" },
    ...(typeof message === "string" ? { message } : { message: "", ...message }),
  }));
}

const entry = (statement: number, substatement = 1): string =>
  `AUDIT: SESSION,${statement},${substatement},READ,SELECT,,,select ${statement},<none>`;
const RECEIVED = "connection received: host=10.0.0.4 port=5";
const LOGIN = "connection authorized: user=app database=shop";
const END = "disconnection: session time: 0:00:01.000 user=app";

/** A whole session: three entries. */
const whole = (place?: Session): JsonLogLine[] =>
  session([RECEIVED, LOGIN, entry(1), entry(2), entry(3), END], place);

const texts = (lines: readonly JsonLogLine[], form?: Form): string[] =>
  lines.map((line) => azure(line, form));
const kinds = ({ findings }: ReturnType<typeof check>) =>
  findings.map(({ kind, explained, from_number: from, to_number: to }) => [
    ...[kind, explained ? "explained" : "unexplained", from, to],
  ]);
const renumbered = (lines: readonly JsonLogLine[], number: (line: number) => number) =>
  lines.map((line) => ({ ...line, line_num: number(line.line_num ?? 0) }));

/** Captured sessions in which pgAudit logged all entries, and nobody's names or texts mislead. */
const captured = (): JsonLogLine[] => {
  const odd = new Set<string | undefined>();
  const lines = capturedLines();
  for (const { application_name: name = "", session_id, user } of lines) {
    if (/^to the client|^errors|LOG: {2}/.test(name) || user?.startsWith("mallory")) {
      odd.add(session_id);
    }
  }
  return lines.filter(({ session_id }) => !odd.has(session_id));
};

test("a whole trail is complete: its gaps are further lines", () => {
  const { verdict, servers, findings } = check(texts(captured()));
  expect(verdict).toBe("complete");
  expect(servers).toMatchObject([
    { server: "pg1", sessions: 15, complete_sessions: 15, lines_without_number: 0 },
  ]);
  expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(["gap"]));
  expect(findings.every(({ explained }) => explained)).toBe(true);
});

test("jsonlog and csvlog of one folder are the same lines, delivered twice", () => {
  const { verdict, findings } = check({ "a.json": texts(whole()), "b.json": texts(whole()) });
  expect(verdict).toBe("complete");
  expect(findings).toMatchObject([
    { kind: "repeat", explained: true, from_number: 1, to_number: 6, after: { file: "b.json" } },
  ]);
  const csvlog = fixtureLines("trail.jsonlog");
  expect(check({ a: csvlog, b: csvlog }).findings.filter(({ kind }) => kind !== "repeat")).toEqual(
    check({ a: csvlog }).findings,
  );
});

test("a blob that is cut in the middle is missed in each session that continues", () => {
  const lines = [...whole(), ...whole({ pid: 200 })].sort((left, right) =>
    left.timestamp.localeCompare(right.timestamp),
  );
  const report = check(texts([...lines.slice(0, 4), ...lines.slice(8)]));
  expect(report.verdict).toBe("not complete");
  expect(kinds(report)).toEqual([
    ["gap", "unexplained", 3, 4],
    ["gap", "unexplained", 3, 4],
  ]);
  expect(report.findings[0]).toMatchObject({
    session: lines[0]?.session_id,
    user: "app",
    before: { time: "2026-11-22T23:50:10.000Z", file: "PT1H.json" },
    after: { time: "2026-11-22T23:50:40.000Z", file: "PT1H.json" },
  });
});

test("the order of files and lines doesn't matter, also over midnight", () => {
  const long = session([
    RECEIVED,
    LOGIN,
    ...Array.from({ length: 120 }, (_, at) => entry(at + 1)),
    END,
  ]);
  const hour = (name: string) => texts(long.filter(({ timestamp: time }) => time.includes(name)));
  const [before, after] = [hour(" 23:"), hour(" 00:")];
  expect([before.length, after.length]).toEqual([60, 63]);
  expect(check({ before, after }).findings).toEqual([]);
  expect(check({ after, before }).findings).toEqual([]);
  expect(check([...before, ...after].reverse()).findings).toEqual([]);
  const shuffled = [...before, ...after].map(
    (line, at, all) => all[(at * 50) % all.length] ?? line,
  );
  expect(new Set(shuffled).size).toBe(123);
  expect(check(shuffled)).toMatchObject({ verdict: "complete", findings: [] });
});

test("the same session id on two servers is two sessions", () => {
  const report = check([...texts(whole()), ...texts(whole().slice(0, 5), { server: "pg2" })]);
  expect(report.servers).toMatchObject([
    { server: "pg1", sessions: 1, complete_sessions: 1 },
    { server: "pg2", sessions: 1 },
  ]);
  expect(report.findings.filter(({ server }) => server === "pg1")).toEqual([]);
});

describe("without the session in the prefix", () => {
  const form = { prefix: "%t %p %l-1 db-%d,user-%u,app-%a,client-%h " };
  const lines = [...texts(whole(), form), ...texts(whole({ start: 100 }), form)];

  test("a process id that is used again begins another session, also in a trail that is doubled", () => {
    expect(check(lines)).toMatchObject({ verdict: "complete", servers: [{ sessions: 2 }] });
    const doubled = check([...lines, ...lines]);
    expect(doubled).toMatchObject({ verdict: "complete", servers: [{ sessions: 2 }] });
    expect(kinds(doubled)).toEqual([
      ["repeat", "explained", 1, 6],
      ["repeat", "explained", 1, 6],
    ]);
  });

  test("a line that is missing is missed", () => {
    expect(kinds(check(lines.filter((_, index) => index !== 8)))).toEqual([
      ["gap", "unexplained", 3, 3],
    ]);
  });
});

describe("a session that begins in the middle", () => {
  const other = (seconds: number) => whole({ start: seconds, pid: 7 });

  test("is explained if it began before the trail, and not if it began later", () => {
    const rest = whole().slice(3);
    expect(kinds(check(texts([...rest, ...other(25)])))).toEqual([
      ["beginning", "explained", 1, 3],
    ]);
    const report = check(texts([...other(-100), ...rest]));
    expect(kinds(report)).toEqual([["beginning", "unexplained", 1, 3]]);
    expect(report.findings[0]?.reason).toContain("2026-11-22T23:50:00.000Z, after the first line");
  });
});

test("a session id that contains no time doesn't matter", () => {
  const lines = whole().map((line) => ({ ...line, session_id: "fffffffffff.64" }));
  expect(kinds(check(texts(lines.slice(1))))).toEqual([["beginning", "explained", 1, 1]]);
});

describe("a number that is seen twice", () => {
  test("with another content is suspicious", () => {
    const [first, ...rest] = whole();
    const changed = { ...(rest[2] as JsonLogLine), message: entry(2).replace("select", "delete") };
    const report = check(texts([first as JsonLogLine, ...rest, changed]));
    expect(kinds(report)).toEqual([["repeat", "unexplained", 4, 4]]);
    expect(report.findings[0]?.reason).toContain("another content");
  });
});

describe("the end of a session", () => {
  test("without a disconnection line is reported, but explained", () => {
    const report = check(texts([...whole(), ...whole({ pid: 9 }).slice(0, 5)]));
    expect(report.verdict).toBe("complete");
    expect(kinds(report)).toEqual([["end", "explained", null, null]]);
    expect(report.findings[0]?.reason).toContain("was open at the end");
    expect(report.servers).toMatchObject([{ sessions: 2, complete_sessions: 1 }]);
  });

  test("is certain if the process id is used again", () => {
    const { findings } = check(texts([...whole().slice(0, 5), ...whole({ start: 500 })]));
    expect(findings[0]?.reason).toContain("had its process id at 2026-11-22T23:58:20.000Z");
  });

  test("can't be seen if the server doesn't log disconnections", () => {
    const report = check(texts(whole().slice(0, 5)));
    expect(report.findings).toEqual([]);
    expect(report.servers).toMatchObject([{ logs_disconnections: false }]);
  });
});

describe("numbers as on other servers", () => {
  test("each message takes two: single missing lines are found", () => {
    const entries = Array.from({ length: 12 }, (_, at) => entry(at + 1));
    const lines = renumbered(session([RECEIVED, LOGIN, ...entries, END]), (line) => line * 2 - 1);
    const report = check(texts(lines));
    expect(report).toMatchObject({ verdict: "complete", servers: [{ numbers_per_message: 2 }] });
    for (let removed = 1; removed < lines.length - 1; removed++) {
      const number = removed * 2 + 1;
      expect(kinds(check(texts(lines.filter((_, index) => index !== removed))))).toEqual([
        ["gap", "unexplained", number - 1, number + 1],
      ]);
    }
  });

  test("messages that later take one number leave the trail uncertain", () => {
    const entries = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => entry(from + at));
    const first = renumbered(
      session([RECEIVED, LOGIN, ...entries(1, 5000), END]),
      (line) => line * 2 - 1,
    );
    const second = session([RECEIVED, LOGIN, ...entries(1, 3), END], { pid: 5, start: 90_000 });
    const report = check(texts([...first, ...second]));
    expect(report).toMatchObject({ verdict: "not complete", findings: [] });
    expect(report.servers).toMatchObject([{ numbers_per_message: 2, mixed_numbers: true }]);
  });

  test("further lines that are records of their own are missed too", () => {
    const lines = session([
      ...[RECEIVED, LOGIN, { error_severity: "ERROR", message: "no" }],
      ...[
        { error_severity: "DETAIL", message: "d" },
        { error_severity: "STATEMENT", message: "s" },
      ],
      ...[entry(1), END],
    ]);
    expect(check(texts(lines)).findings).toEqual([]);
    const without = (severity: string) =>
      texts(lines.filter(({ error_severity }) => error_severity !== severity));
    expect(kinds(check(without("STATEMENT")))).toEqual([["gap", "unexplained", 5, 5]]);
    expect(kinds(check(without("DETAIL")))).toEqual([["gap", "unexplained", 4, 4]]);
  });
});

describe("a prefix without numbers", () => {
  const form = { prefix: "%t-%c-" };

  test("can't be verified", () => {
    const report = check(texts(whole(), form));
    expect(report.verdict).toBe("can't be verified");
    expect(report.servers).toMatchObject([{ lines: 6, lines_without_number: 6, sessions: 0 }]);
    expect(check([]).verdict).toBe("can't be verified");
  });

  test("of some lines leaves the trail uncertain", () => {
    const report = check([...texts(whole()), ...texts(whole({ pid: 3 }), form)]);
    expect(report.verdict).toBe("not complete");
    expect(report.servers).toMatchObject([{ lines: 12, lines_without_number: 6, sessions: 1 }]);
  });
});

test("a prefix that had no number when a session began explains as many numbers as there are lines", () => {
  const session = whole();
  const mixed = [...texts(session.slice(0, 3), { prefix: "%t-%c-" }), ...texts(session.slice(3))];
  const reason = "when these lines were written, the prefix had no %l";
  expect(check(mixed).findings).toMatchObject([
    { kind: "beginning", explained: true, reason, from_number: 1, to_number: 3 },
  ]);
  expect(check(mixed).servers[0]?.last_without_number).toMatch(/^2026-/);
  expect(check(mixed.slice(1)).findings[0]?.reason).not.toBe(reason);
});

describe("broken lines", () => {
  const lines = texts(whole());
  const cutAt = (end: (line: string) => number) =>
    lines.map((line, index) => (index === 3 ? line.slice(0, end(line)) : line));

  test("with a whole prefix aren't missing", () => {
    for (const end of [3, "AUDIT: SESSION,2,1,READ".length]) {
      const report = check(cutAt((line) => line.indexOf("AUDIT: ") + end));
      expect(report).toMatchObject({ broken_lines: 1, broken_lines_with_number: 1, findings: [] });
      expect(report.verdict).toBe("not complete");
    }
  });

  test("of jsonlog too", () => {
    const cut = fixtureLines("trail.jsonlog").map((line, at) =>
      at === 5 ? line.slice(0, -9) : line,
    );
    expect(check(cut)).toMatchObject({ broken_lines: 1, broken_lines_with_number: 1 });
  });

  test("without their number explain a gap in their place only", () => {
    expect(kinds(check(cutAt(() => 60)))).toEqual([["gap", "explained", 4, 4]]);
    const elsewhere = [...lines.slice(0, 3), ...lines.slice(4), lines[0]?.slice(0, 60) ?? ""];
    expect(kinds(check(elsewhere))).toEqual([["gap", "unexplained", 4, 4]]);
  });

  test("that are delivered once more as a whole are the same line", () => {
    const cut = cutAt((line) => line.indexOf("AUDIT: ") + 9);
    expect(kinds(check([...cut, lines[3] ?? ""]))).toEqual([["repeat", "explained", 4, 4]]);
  });
});

describe("an imitation of an entry", () => {
  const raise = (statement: number, substatement = 1): Partial<JsonLogLine>[] => [
    { message: entry(statement, substatement) },
  ];
  /** The line after RAISE has a number that is higher by CONTEXT and STATEMENT. */
  const forged = (position: number, messages: readonly (string | Partial<JsonLogLine>)[]) =>
    check(
      texts(renumbered(session(messages), (line) => (line > position ? line + 2 : line))),
    ).findings.filter(({ explained }) => !explained);

  test("with ids that don't follow is marked, and the entries after it aren't", () => {
    for (const [ids, why] of [
      [[9], "statement id 9,1 after 2,1, but no line between them is missing: RAISE LOG"],
      [[1], "statement id 1,1 after 2,1: RAISE LOG imitated"],
    ] as const) {
      const found = forged(5, [
        ...[RECEIVED, LOGIN, entry(1), entry(2), ...raise(ids[0]), entry(3), entry(4), END],
      ]);
      expect(found.map(({ kind, from_number }) => [kind, from_number])).toEqual([
        ["gap", 6],
        ["imitation", 5],
      ]);
      expect(found[1]?.reason).toContain(why);
    }
  });

  test("with ids that follow is marked by the numbers that its further lines take", () => {
    const found = forged(5, [
      ...[RECEIVED, LOGIN, entry(1), entry(2), ...raise(2, 2), entry(3), END],
    ]);
    expect(found).toMatchObject([{ kind: "gap", from_number: 6, to_number: 7 }]);
    expect(found[0]?.reason).toContain("an imitation by RAISE LOG");
  });

  test("isn't suspected after an entry whose line is ambiguous", () => {
    const lines = session([RECEIVED, LOGIN, entry(1), entry(2), entry(3), END]);
    const misleading = "x,client-::1 LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,1,";
    const trail = lines.map((line, index) =>
      azure(index === 3 ? { ...line, application_name: misleading } : line),
    );
    expect(check(trail)).toMatchObject({ verdict: "complete", findings: [] });
  });

  test("isn't suspected in entries of nested statements and several relations", () => {
    const ids = [
      [1, 1],
      [1, 2],
      [1, 2],
      [1, 1],
      [1, 3],
      [2, 1],
      [3, 1],
      [3, 2],
      [4, 1],
    ] as const;
    const messages = ids.map(([statement, substatement]) => entry(statement, substatement));
    expect(check(texts(session([RECEIVED, LOGIN, ...messages, END]))).findings).toEqual([]);
  });
});

test("an entry that is missing behind the further lines of an error is missed by pgAudit's ids", () => {
  const lines = session([
    ...[RECEIVED, LOGIN, entry(1), { error_severity: "ERROR", message: "no" }],
    ...[entry(2), entry(3), END],
  ]);
  const numbered = renumbered(lines, (line) => (line > 4 ? line + 1 : line));
  expect(kinds(check(texts(numbered)))).toEqual([["gap", "explained", 5, 5]]);
  expect(kinds(check(texts(numbered.filter(({ line_num }) => line_num !== 6))))).toEqual([
    ["gap", "explained", 5, 6],
    ["imitation", "unexplained", 7, 7],
  ]);
});
