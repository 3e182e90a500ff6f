import { Decoder } from "../../../../audit/decode/decoder";
import { azureLine, broken, decode, PREFIX, record } from "./decoding";

const AUDIT = "AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 1,<not logged>";

describe("Azure's records", () => {
  test("the original workshop's: no time but properties.timestamp, spaces, another order of keys", () => {
    const line =
      '{ "operationName": "LogEvent", "resourceId": "/SUBSCRIPTIONS/***/FLEXIBLESERVERS/PSQLFLEXI", "properties": ' +
      '{"message": "2022-05-23 08:23:59 UTC 9300 5-1 db-pgbench,user-pgadmin,app-psql,client-192.168.0.4 LOG:  ' +
      'AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,public.a,CREATE TABLE a(id int);,<not logged>", "unknown": [1], ' +
      '"sqlerrcode": "00000","errorLevel": "LOG","processId": 9300,"timestamp": "2022-05-23 08:23:59.526 UTC"}}';
    expect(record(line)).toEqual({
      time: "2022-05-23T08:23:59.526Z",
      kind: "audit",
      server: "psqlflexi",
      user_name: "pgadmin",
      database_name: "pgbench",
      application_name: "psql",
      client: "192.168.0.4",
      client_port: null,
      process_id: 9300,
      session_id: null,
      session_line_num: 5,
      backend_type: null,
      error_severity: "LOG",
      sql_state_code: "00000",
      audit_type: "SESSION",
      statement_id: 1,
      substatement_id: 1,
      class: "DDL",
      command: "CREATE TABLE",
      object_type: "TABLE",
      object_name: "public.a",
      statement: "CREATE TABLE a(id int);",
      statement_omitted: null,
      parameters: null,
      rows: null,
      duration_ms: null,
      message: null,
      detail: null,
      ambiguous: null,
      file: "y=2026/m=11/d=22/h=19/m=00/PT1H.json",
      file_offset: 100,
    });
  });

  test("newer: detail, which also contains parameters, and backend_type", () => {
    expect(
      record(
        azureLine(`${PREFIX}LOG:  execute <unnamed>: SELECT $1`, {
          detail: "parameters: $1 = '1'",
          backend_type: "client backend",
        }),
      ),
    ).toMatchObject({
      kind: "statement",
      statement: "SELECT $1",
      detail: "parameters: $1 = '1'",
      backend_type: "client backend",
    });
  });

  const throughEventHubs = (message: string, extra = {}) => ({
    LogicalServerName: "LabPg",
    SubscriptionId: "",
    ResourceGroup: "",
    time: "2024-08-20T04:29:38.3024711Z",
    category: "PostgreSQLLogs",
    properties: {
      ...{ prefix: "", message, detail: "", errorLevel: "LOG", domain: "", schemaName: "" },
      ...extra,
    },
  });

  test("through Event Hubs: server, time and process from elsewhere, no empty texts", () => {
    const line = throughEventHubs(`2024-08-20 04:12:31 UTC-66c41700.499-LOG:  ${AUDIT}`);
    expect(record(JSON.stringify(line))).toMatchObject({
      kind: "audit",
      server: "labpg",
      time: "2024-08-20T04:12:31.000Z",
      process_id: 0x499,
      session_id: "66c41700.499",
      detail: null,
    });
  });

  test("without a time of PostgreSQL's the line is broken: `time` is only when it arrived", () => {
    const line = throughEventHubs(`[alice]#LOG:  ${AUDIT}`);
    expect(broken(JSON.stringify(line)).reason).toContain("no time");
  });

  test("reads a prefix in its own property", () => {
    const line = throughEventHubs(AUDIT, { prefix: "2024-08-20 04:12:31 UTC-66c41700.499-" });
    expect(record(JSON.stringify(line))).toMatchObject({
      kind: "audit",
      session_id: "66c41700.499",
      statement: "SELECT 1",
    });
  });

  test("several in an envelope, with those that are broken among them", () => {
    const records = [
      JSON.parse(azureLine(`${PREFIX}LOG:  ${AUDIT}`)) as object,
      7,
      { category: "PostgreSQLFlexSessions", properties: {} },
    ];
    const [first, second, third] = decode(JSON.stringify({ records }));
    expect(first?.record).toMatchObject({ kind: "audit", user_name: "alice", file_offset: 100 });
    expect(second?.broken?.reason).toBe("record 2 of 3: it is JSON, but not an object");
    expect(third?.broken?.reason).toContain("record 3 of 3: it is of the category PostgreSQLFlex");
    expect(decode('{"records":[]}')).toEqual([]);
  });

  test("an empty line is nothing, and a carriage return belongs to the line end", () => {
    expect(decode("")).toEqual([]);
    expect(decode("  \r")).toEqual([]);
    expect(record(`${azureLine(`${PREFIX}LOG:  ${AUDIT}`)}\r`).statement).toBe("SELECT 1");
  });

  test("a byte order mark at a file's start does no harm", () => {
    const line = Buffer.from(`\ufeff${azureLine(`${PREFIX}LOG:  ${AUDIT}`)}`);
    expect(new Decoder().decode(line, "file", 0)[0]?.record?.statement).toBe("SELECT 1");
  });
});

describe("the two times of a record", () => {
  const at = (written: string, timestamp?: string) => {
    const decoder = new Decoder();
    const { time } = record(azureLine(`${written} [4940] LOG:  x`, { timestamp }), {
      logLinePrefix: "%m [%p] ",
    });
    record(azureLine(`${written} [4940] LOG:  x`, { timestamp }), {}, decoder);
    return { time, notices: decoder.findings.notices.filter((text) => text.includes("time")) };
  };

  test("the prefix's precedes the property's; the property adds milliseconds", () => {
    expect(at("2026-11-22 19:24:35.100 UTC", "2026-11-22 19:24:36.684 UTC")).toEqual({
      ...{ time: "2026-11-22T19:24:35.100Z", notices: [] },
    });
    expect(record(azureLine(`${PREFIX}LOG:  x`)).time).toBe("2026-11-22T19:24:35.684Z");
  });

  test("a difference of more than a minute is reported", () => {
    const { time, notices } = at("2026-11-22 19:24:35.100 UTC", "2026-11-22 19:26:36.684 UTC");
    expect(time).toBe("2026-11-22T19:24:35.100Z");
    expect(notices).toEqual([
      expect.stringMatching(/^1 line .*more than a minute apart.*19:26:36/),
    ]);
  });

  test("one that can't be read is reported, and the other one used", () => {
    const { time, notices } = at("2026-02-30 19:24:35.100 UTC", "2026-03-02 19:24:36.684 UTC");
    expect(time).toBe("2026-03-02T19:24:36.684Z");
    expect(notices).toEqual([expect.stringContaining('"2026-02-30 19:24:35.100 UTC"')]);
    expect(at("2026-11-22 19:24:35.100 UTC", "2026-11-22 14:24:35.100 EST").notices).toHaveLength(
      1,
    );
  });

  test("none that can be read breaks the line", () => {
    const line = azureLine("2026-02-30 19:24:35 UTC [4940] LOG:  x", {
      timestamp: "2026-02-30 19:24:35 EST",
    });
    expect(broken(line).reason).toContain("its time");
  });
});

describe("what the lines lack", () => {
  test("named nobody until log_line_prefix was set: said without asking for it again", () => {
    const decoder = new Decoder({ logLinePrefix: "%t %u " });
    record(azureLine(`2026-11-22 19:24:35 UTC-6b0341c0.134c-LOG:  ${AUDIT}`), {}, decoder);
    expect(decoder.findings.notices).toEqual([
      expect.stringMatching(/^1 line names nobody.*It does now\.$/),
    ]);
  });

  test("names nobody: said once, with the parameter to set", () => {
    const decoder = new Decoder();
    const line = azureLine(`2026-11-22 19:24:35 UTC-6b0341c0.134c-LOG:  ${AUDIT}`);
    expect(record(line, {}, decoder)).toMatchObject({ kind: "audit", user_name: null });
    record(line, {}, decoder);
    expect(decoder.findings.notices).toHaveLength(1);
    expect(decoder.findings.notices[0]).toMatch(
      /^2 lines name nobody.*"%t-%c-".*log_line_prefix to "%t %p/,
    );
  });

  test("an unknown prefix: the entry is read all the same, and the option is named with a sample", () => {
    const decoder = new Decoder();
    const line = azureLine(`[alice]#LOG:  ${AUDIT}`);
    expect(record(line, {}, decoder)).toMatchObject({ statement: "SELECT 1", user_name: null });
    expect(decoder.findings.notices[0]).toMatch(/"\[alice\]#".*--log-line-prefix/);
    expect(record(line, { logLinePrefix: "[%u]#" }).user_name).toBe("alice");
  });

  test("no object in any read or write: said once, with the parameter to set", () => {
    const decoder = new Decoder();
    const read = AUDIT.replace("SELECT 1", "SELECT 1 FROM a");
    record(azureLine(`${PREFIX}LOG:  ${read}`), {}, decoder);
    expect(decoder.findings.notices).toEqual([expect.stringContaining("pgaudit.log_relation")]);
    const named = read.replace(",,,", ",TABLE,public.a,");
    record(azureLine(`${PREFIX}LOG:  ${named}`), {}, decoder);
    expect(decoder.findings.notices).toEqual([]);
  });

  test("nothing where all is said", () => {
    const decoder = new Decoder();
    record(azureLine(`${PREFIX}LOG:  ${AUDIT}`), {}, decoder);
    expect(decoder.findings.notices).toEqual([]);
  });

  test("a prefix that changes in mid-file is followed line by line", () => {
    const decoder = new Decoder();
    const users = [
      `2026-11-22 19:24:35 UTC-6b0341c0.134c-LOG:  ${AUDIT}`,
      `${PREFIX}LOG:  ${AUDIT}`,
      `2026-11-22 19:24:35.123 UTC [4940] bob@postgres LOG:  ${AUDIT}`,
      `2026-11-22 19:24:35.123 UTC [4940] LOG:  ${AUDIT}`,
    ].map((message) => record(azureLine(message), {}, decoder).user_name);
    expect(users).toEqual([null, "alice", "bob", null]);
    expect(decoder.findings.counts.unknown).toBeUndefined();
  });

  test("findings of several decoders add up", () => {
    const [left, right] = [new Decoder(), new Decoder()];
    record(azureLine(`x LOG:  ${AUDIT}`), {}, left);
    record(azureLine(`y LOG:  ${AUDIT}`), {}, right);
    left.findings.add(structuredClone(right.findings.take()));
    expect(left.findings.notices[0]).toMatch(
      /^The prefix of 2 lines isn't recognised, such as "x "/,
    );
  });
});
