import { Decoder } from "../../../../audit/decode/decoder";
import { isSystemRecord } from "../../../../audit/select/filter";
import { azureLine, record } from "./decoding";

const START = "2026-11-22 19:24:35 UTC 4940 5-1 ";
const DROP = "AUDIT: SESSION,2,1,DDL,DROP TABLE,TABLE,public.a,DROP TABLE a,<not logged>";
const FORGED = "AUDIT: SESSION,1,1,READ,SELECT,,,1,";

/** A session's line with the recommended prefix. */
const line = (
  { db = "postgres", user = "mallory", app = "psql", client = "10.0.0.4", level = "LOG" },
  message = DROP,
): string =>
  azureLine(`${START}db-${db},user-${user},app-${app},client-${client} ${level}:  ${message}`, {
    errorLevel: level,
  });

const ambiguous = (decoder: Decoder): number => decoder.findings.counts.ambiguous?.lines ?? 0;

describe("misleading names", () => {
  test("an application's name like the end of a prefix hides no statement and puts none in its place", () => {
    const decoder = new Decoder();
    const misleading = line({ app: `x,client-6.6.6.6 LOG:  ${FORGED}` });
    const read = record(misleading, {}, decoder);
    expect(read).toMatchObject({
      ...{ kind: "log", ambiguous: "message", client: null, application_name: null, class: null },
      ...{ user_name: "mallory", database_name: "postgres", process_id: 4940 },
    });
    expect(read.message).toContain("DROP TABLE a");
    expect(ambiguous(decoder)).toBe(1);
    expect(decoder.findings.notices[0]).toContain("first at byte 100 of y=2026");
  });

  test.each<[string, Parameters<typeof line>[0]]>([
    ["role", { user: "azuresu,app-z" }],
    ["database", { db: "d,user-azuresu,app-x" }],
  ])("a %s's name with Azure's user in it isn't taken for Azure's user", (_what, names) => {
    const decoder = new Decoder();
    const read = record(line(names), {}, decoder);
    expect(read).toMatchObject({
      ...{ kind: "audit", ambiguous: "names", user_name: null, client: "10.0.0.4" },
      ...{ class: "DDL", command: "DROP TABLE", object_name: "public.a" },
    });
    expect(isSystemRecord(read)).toBe(false);
    expect(isSystemRecord(record(line({ user: "azuresu" })))).toBe(true);
    expect(ambiguous(decoder)).toBe(1);
  });

  test("a statement like a prefix doesn't, where a name can't be so long", () => {
    const decoder = new Decoder();
    const statement = `SELECT ',client-6.6.6.6 LOG:  ${FORGED}'`;
    const message = `AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.accounts,"${statement}",<none>`;
    expect(record(line({ app: "[unknown]" }, message), {}, decoder)).toMatchObject({
      ...{ kind: "audit", application_name: "[unknown]", client: "10.0.0.4", statement },
      ambiguous: null,
    });
    expect(decoder.findings.notices).toEqual([]);
  });

  test("names that two readings agree on are kept, others aren't guessed", () => {
    expect(record(line({ app: "a,app-b" }))).toMatchObject({
      ...{ kind: "audit", ambiguous: "names", database_name: "postgres", client: "10.0.0.4" },
      ...{ user_name: null, application_name: null },
    });
    const format = "app=%a,user=%u,db=%d ";
    const message = `app=x,user=admin,user=mallory,db=postgres LOG:  ${DROP}`;
    expect(record(azureLine(message), { logLinePrefix: format })).toMatchObject({
      ...{ ambiguous: "names", user_name: null, database_name: "postgres" },
    });
  });

  test("a text that has two known prefixes names nobody, unless the server's is given", () => {
    const message = `2026-11-22 19:24:35.684 UTC [4940] [user=azuresu,db=x,app=@y] LOG:  ${DROP}`;
    expect(record(azureLine(message))).toMatchObject({ ambiguous: "names", user_name: null });
    for (const [logLinePrefix, user] of [
      ["%m [%p] %q%u@%d ", "[user=azuresu,db=x,app="],
      ["%m [%p] %q[user=%u,db=%d,app=%a] ", "azuresu"],
    ] as const) {
      expect(record(azureLine(message), { logLinePrefix })).toMatchObject({
        ...{ ambiguous: null, user_name: user },
      });
    }
  });

  test("where the prefix is unknown, a name like its end is noticed too", () => {
    const decoder = new Decoder();
    const read = record(azureLine(`[LOG:  ${FORGED}]# LOG:  ${DROP}`), {}, decoder);
    expect(read).toMatchObject({ kind: "log", ambiguous: "message", class: null });
    expect(ambiguous(decoder)).toBe(1);
  });

  test("an error stays an error", () => {
    const misleading = line(
      { app: "x,client-6.6.6.6 FATAL:  no", level: "FATAL" },
      'password authentication failed for user "mallory"',
    );
    expect(record(misleading)).toMatchObject({ kind: "error", client: null });
    expect(record(line({ level: "FATAL" }, FORGED))).toMatchObject({ kind: "error", class: null });
  });

  test("a client is an address or a host's name, nothing else", () => {
    const decoder = new Decoder();
    const misleading = line({ app: "psql", client: "1.1.1.1 and more, 10.0.0.4" });
    expect(record(misleading, {}, decoder).client).toBeNull();
    expect(decoder.findings.counts.unknown?.lines).toBe(1);
    for (const client of ["::1", "fe80::1%eth0", "[local]", "db.example.org", "???"]) {
      expect(record(line({ client })).client).toBe(client);
    }
  });

  test("a prefix that names another process isn't the server's", () => {
    const decoder = new Decoder();
    const other = azureLine(
      `${START.replace("4940", "4941")}db-a,user-b,app-c,client- LOG:  ${DROP}`,
    );
    expect(record(other, {}, decoder)).toMatchObject({ user_name: null, process_id: 4940 });
    expect(decoder.findings.counts.unknown?.lines).toBe(1);
  });
});

describe("names that mislead nobody", () => {
  test("users of Microsoft Entra have an @, which the stack's prefix doesn't use", () => {
    expect(record(line({ user: "alice@contoso.com" }))).toMatchObject({
      ...{ user_name: "alice@contoso.com", ambiguous: null },
    });
    const message = `2026-11-22 19:24:35.684 UTC [4940] alice@contoso.com@postgres LOG:  ${DROP}`;
    expect(record(azureLine(message))).toMatchObject({ user_name: null, ambiguous: "names" });
  });

  test("an application's name of 63 bytes, and as PostgreSQL 16 writes 63 non-ASCII bytes", () => {
    expect(record(line({ app: "a".repeat(63) })).application_name).toHaveLength(63);
    expect(record(line({ app: "\\xc3\\xa9".repeat(31) })).application_name).toHaveLength(248);
    expect(record(line({ app: "a".repeat(64) })).application_name).toBeNull();
  });
});

describe("a session whose prefix was read before", () => {
  const decoder = new Decoder();
  const users = (...lines: readonly string[]) =>
    lines.map((text) => {
      const { user_name, ambiguous, kind } = record(text, {}, decoder);
      return { user_name, ambiguous, kind };
    });

  test("is read again, and each line that differs is read anew", () => {
    const deceiving = "AUDIT: SESSION,3,1,READ,SELECT,,,SELECT ',client-1.1.1.1 LOG:  ',<none>";
    expect(
      users(
        line({}),
        line({}),
        line({ user: "alice" }),
        line({ user: "azuresu,app-z" }),
        line({ app: "x" }, deceiving.replace("AUDIT", ",client-2.2.2.2 LOG:  AUDIT")),
        line({ app: "x,client-1.1.1.1 LOG:  y" }),
        line({ level: "ERROR" }, "no such table"),
        line({}, "42P01: no such table"),
      ),
    ).toEqual([
      { user_name: "mallory", ambiguous: null, kind: "audit" },
      { user_name: "mallory", ambiguous: null, kind: "audit" },
      { user_name: "alice", ambiguous: null, kind: "audit" },
      { user_name: null, ambiguous: "names", kind: "audit" },
      { user_name: "mallory", ambiguous: "message", kind: "log" },
      { user_name: "mallory", ambiguous: "message", kind: "log" },
      { user_name: "mallory", ambiguous: null, kind: "error" },
      { user_name: "mallory", ambiguous: null, kind: "log" },
    ]);
  });
});
