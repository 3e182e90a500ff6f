import { compileFilter, type FilterOptions } from "../../../../audit/select/filter";
import { type LogRecord } from "../../../../audit/record";
import { logRecord } from "../records";

const shows = (filters: FilterOptions, fields: Partial<LogRecord> = {}) =>
  compileFilter(filters)(logRecord(fields)) === "shown";

describe("filters", () => {
  test.each<[FilterOptions, Partial<LogRecord>, boolean]>([
    [{}, {}, true],
    [{ class: ["write", "read"] }, {}, true],
    [{ class: ["WRITE"] }, {}, false],
    [{ class: ["READ"] }, { class: null }, false],
    [{ class: [] }, { class: null }, true],
    [{ kind: ["Audit"] }, {}, true],
    [{ kind: ["error"] }, {}, false],
    [{ user: ["app"] }, {}, true],
    [{ user: ["App"] }, {}, false],
    [{ user: ["ap"] }, {}, false],
    [{ user: ["a?p", "other"] }, {}, true],
    [{ user: ["*"] }, { user_name: null }, false],
    [{ database: ["sho*"] }, {}, true],
    [{ command: ["create table"] }, { command: "CREATE TABLE" }, true],
    [{ command: ["create *"] }, { command: "CREATE INDEX" }, true],
    [{ object: ["public.*"] }, {}, true],
    [{ object: ["public.*"] }, { object_name: "publicity.a" }, false],
    [{ object: ["orders"] }, {}, true],
    [{ object: ["order?"] }, {}, true],
    [{ object: ["rders"] }, {}, false],
    [{ object: ["other.orders"] }, {}, false],
    [{ object: ["public.(a|b)*"] }, { object_name: "public.(a|b)c" }, true],
    [{ client: ["10.1.2.3"] }, {}, true],
    [{ client: ["10.1.2"] }, {}, false],
    [{ client: ["10.1.*"] }, {}, true],
    [{ client: ["10.0.0.0/15"] }, {}, true],
    [{ client: ["10.2.0.0/15"] }, {}, false],
    [{ client: ["10.2.0.0/15"] }, { client: "[local]" }, false],
    [{ client: ["[local]"] }, { client: "[local]" }, true],
    [{ client: ["fd00::/8"] }, { client: "fd00:1::2" }, true],
    [{ sessionId: ["6380ab.12"] }, { session_id: "6380ab.12" }, true],
    [{ processId: ["4711", "1"] }, {}, true],
    [{ processId: ["471"] }, {}, false],
    [{ class: ["READ"], user: ["other"] }, {}, false],
    [{ user: ["other"] }, { user_name: null, ambiguous: "names" }, true],
    [{ user: ["other"], class: ["WRITE"] }, { user_name: null, ambiguous: "names" }, false],
    [{ kind: ["audit"], object: ["a"] }, { kind: "log", ambiguous: "message" }, true],
    [{}, { user_name: "azuresu", ambiguous: "names" }, true],
  ])("%j of %j: %s", (filters, fields, expected) => {
    expect(shows(filters, fields)).toBe(expected);
  });

  test.each<[string, Partial<LogRecord>, boolean]>([
    ["from orders", {}, true],
    ["FROM", {}, true],
    ["From", {}, false],
    ["a.b*", { statement: "SELECT 'A.B*'" }, true],
    ["a.b*", { statement: "SELECT 'AxBB'" }, false],
    ["/from\\s+ORDERS/i", {}, true],
    ["/^from/", {}, false],
    ["/select/gi", {}, true],
    ["denied", { statement: null, message: "permission denied" }, true],
    ["$1", { statement: null, detail: "parameters: $1 = '2'" }, true],
  ])("--grep %s of %j: %s", (grep, fields, expected) => {
    const filter = compileFilter({ grep });
    expect(filter(logRecord(fields)) === "shown").toBe(expected);
    // A test doesn't depend on the one before.
    expect(filter(logRecord(fields)) === "shown").toBe(expected);
  });

  test.each<[FilterOptions, Partial<LogRecord>, boolean]>([
    [{ user: ["!app"] }, {}, false],
    [{ user: ["!alice"] }, {}, true],
    [{ user: ["!app"] }, { user_name: null }, true],
    [{ user: ["app*", "!app_test"] }, {}, true],
    [{ user: ["app*", "!app_test"] }, { user_name: "app_test" }, false],
    [{ user: ["app*", "!app_test"] }, { user_name: "alice" }, false],
    [{ user: ["app*", "!app_test"] }, { user_name: null }, false],
    [{ class: ["!read"] }, {}, false],
    [{ class: ["!MISC", "!MISC_SET"] }, {}, true],
    [{ kind: ["!Audit"] }, {}, false],
    [{ database: ["!sho*"] }, {}, false],
    [{ command: ["!sel*"] }, {}, false],
    [{ object: ["!orders"] }, {}, false],
    [{ object: ["public.*", "!public.orders"] }, { object_name: "public.a" }, true],
    [{ client: ["!10.0.0.0/8"] }, {}, false],
    [{ client: ["!10.2.0.0/16"] }, {}, true],
    [{ sessionId: ["!6380ab.12"] }, { session_id: "6380ab.12" }, false],
    [{ processId: ["!4711"] }, {}, false],
    [{ processId: ["!4712"] }, {}, true],
    [{ server: ["PGFLEX"] }, {}, true],
    [{ server: ["pg*", "!pgother"] }, {}, true],
    [{ server: ["!PgFlex"] }, {}, false],
    [{ server: ["pgflex"] }, { server: null }, false],
    [{ grep: "!orders" }, {}, false],
    [{ grep: "!customers" }, {}, true],
    [{ grep: "!denied" }, { statement: null, message: "permission denied" }, false],
    [{ grep: "!/FROM orders/i" }, {}, false],
    [{ grep: "/!=/" }, { statement: "SELECT a != b" }, true],
  ])("%j of %j: %s, where ! excludes", (filters, fields, expected) => {
    expect(shows(filters, fields)).toBe(expected);
  });

  test.each<[FilterOptions, RegExp]>([
    [{ class: ["REED"] }, /^--class is "REED"; give one or more of READ, WRITE, /],
    [{ kind: ["audits"] }, /^--kind is "audits"; give one or more of audit, error, /],
    [{ client: ["10.0.0.0/33"] }, /^--client is "10\.0\.0\.0\/33"; give an address/],
    [{ client: ["host/8"] }, /^--client is "host\/8"/],
    [{ processId: ["12x"] }, /^--pid is "12x"; give the number/],
    [{ class: ["!REED"] }, /^--class is "REED"/],
    [{ user: ["alice", "!"] }, /"!"; write what it excludes after it/],
    [{ grep: "/(/" }, /^--grep is not a valid regular expression: /],
  ])("%j is refused", (filters, message) => {
    expect(() => compileFilter(filters)).toThrow(message);
  });
});

describe("Azure's own sessions", () => {
  const unknown = { kind: "connection", user_name: "[unknown]" } as const;
  const azures: Partial<LogRecord>[] = [
    { user_name: "azuresu" },
    { ...unknown, client: "127.0.0.1" },
    { ...unknown, client: "169.254.128.1" },
    {
      kind: "connection",
      user_name: null,
      client: null,
      message: "connection received: host=127.0.0.1 port=5000",
    },
    {
      kind: "connection",
      user_name: null,
      client: null,
      message: "connection authorized: user=azuresu database=postgres",
    },
  ];
  test.each(azures)("%j is hidden, and shown with --system", (fields) => {
    expect(compileFilter({})(logRecord(fields))).toBe("system");
    expect(compileFilter({ system: true })(logRecord(fields))).toBe("shown");
  });

  test.each<Partial<LogRecord>>([
    { ...unknown, client: "10.1.2.3" },
    { ...unknown, client: "1169.254.1.1" },
    { kind: "connection", user_name: "app", client: "127.0.0.1" },
    { kind: "error", user_name: "[unknown]", client: "127.0.0.1" },
    {
      kind: "connection",
      user_name: null,
      client: null,
      message: "connection received: host=10.1.2.3 port=5",
    },
  ])("%j is a user's", (fields) => {
    expect(compileFilter({})(logRecord(fields))).toBe("shown");
  });

  test("that a filter leaves out anyhow count as left out", () => {
    expect(compileFilter({ class: ["WRITE"] })(logRecord({ user_name: "azuresu" }))).toBe(
      "filtered",
    );
  });
});
