import { Decoder } from "../../../../audit/decode/decoder";
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

describe("misleading names", () => {
  test("an application's name like the end of a prefix hides no statement and puts none in its place", () => {
    const decoder = new Decoder();
    const misleading = line({ app: `x,client-6.6.6.6 LOG:  ${FORGED}` });
    const read = record(misleading, {}, decoder);
    expect(read).toMatchObject({ kind: "log", user_name: null, client: null, class: null });
    expect(read.message).toContain("DROP TABLE a");
    expect(decoder.findings.counts.ambiguousPrefixLines).toBe(1);
    expect(decoder.findings.notices[0]).toContain("first at byte 100 of y=2026");
  });

  test("a statement like a prefix doesn't, where a name can't be so long", () => {
    const decoder = new Decoder();
    const statement = `SELECT ',client-6.6.6.6 LOG:  ${FORGED}'`;
    const message = `AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.accounts,"${statement}",<none>`;
    expect(record(line({ app: "[unknown]" }, message), {}, decoder)).toMatchObject({
      ...{ kind: "audit", application_name: "[unknown]", client: "10.0.0.4", statement },
    });
    expect(decoder.findings.notices).toEqual([]);
  });

  test("an application's name that contains a user doesn't change the user", () => {
    const decoder = new Decoder();
    expect(record(line({ app: "a,app-b" }), {}, decoder)).toMatchObject({
      ...{ kind: "audit", user_name: "mallory", application_name: "a,app-b" },
    });
    const format = "app=%a,user=%u,db=%d ";
    const message = `app=x,user=admin,user=mallory,db=postgres LOG:  ${DROP}`;
    expect(record(azureLine(message), { logLinePrefix: format })).toMatchObject({
      ...{ user_name: "mallory", application_name: "x,user=admin" },
    });
    expect(decoder.findings.counts.ambiguousPrefixLines).toBe(1);
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
    expect(decoder.findings.counts.unknownPrefixLines).toBe(1);
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
    expect(decoder.findings.counts.unknownPrefixLines).toBe(1);
  });
});

describe("names that mislead nobody", () => {
  test("users of Microsoft Entra have an @, and it isn't the prefix's", () => {
    const message = `2026-11-22 19:24:35.684 UTC [4940] alice@contoso.com@postgres LOG:  ${DROP}`;
    expect(record(azureLine(message))).toMatchObject({
      ...{ user_name: "alice@contoso.com", database_name: "postgres" },
    });
  });

  test("an application's name of 63 bytes, and as PostgreSQL 16 writes 63 non-ASCII bytes", () => {
    expect(record(line({ app: "a".repeat(63) })).application_name).toHaveLength(63);
    expect(record(line({ app: "\\xc3\\xa9".repeat(31) })).application_name).toHaveLength(248);
    expect(record(line({ app: "a".repeat(64) })).application_name).toBeNull();
  });
});
