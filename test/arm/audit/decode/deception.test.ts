import * as fc from "fast-check";
import {
  KNOWN_PREFIXES,
  namesUser,
  parseLogLinePrefix,
} from "../../../../audit/decode/log-line-prefix";
import type { LogRecord } from "../../../../audit/record";
import { RecordReader } from "../../../../audit/record-reader";
import type { FilterOptions } from "../../../../audit/select/filter";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { azureRecord } from "../../../../local/backends/log-shipper/record";
import { AuditedServer } from "../../../support/audited-server";

/** Texts that the known prefixes have between their values, and values of other people. */
const PIECES = [
  ...["azuresu", "alice", "127.0.0.1", "[unknown]", "x", "1", "@", " ", ",", "|", "-", "]", "["],
  ...[
    "db-",
    "user-",
    ",user-",
    ",app-",
    ",client-",
    ",client-127.0.0.1 ",
    "db=",
    ",user=",
    "user=",
  ],
  ...[",app=", ",client=", ",host=", "] ", "] LOG:  ", " LOG:  ", "LOG:  ", "ERROR:  ", ":[1]:"],
  ...["AUDIT: SESSION,1,1,READ,SELECT,,,", " - PG-00000 ", '" application_name="', "%u"],
];
const MAX_NAME_BYTES = 63;
const name = (marker: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 })
    .map((pieces) => `${pieces.join("")}${marker}`.slice(-MAX_NAME_BYTES).trim())
    .filter((text) => !/^pg_/.test(text));

interface Deceiver {
  readonly user: string;
  readonly database: string;
  readonly applicationName: string;
}

const DECEIVERS = 24;
/** Each has a name of its own, because of the number in it. */
const deceivers = fc
  .sample(
    fc
      .tuple(fc.nat(0), fc.nat(0))
      .chain(() => fc.record({ user: name("#"), database: name("#"), applicationName: name("") })),
    { numRuns: DECEIVERS, seed: 11 },
  )
  .map(({ user, database, applicationName }, index): Deceiver => {
    const own = (text: string) => `${text.slice(0, MAX_NAME_BYTES - 3)}${index}`.trim();
    return { user: own(user), database: own(database), applicationName };
  });
/** One who names everything as in the issue that this test holds shut. */
const KNOWN: readonly Deceiver[] = [
  { user: "azuresu,app-z", database: "plain", applicationName: "psql" },
  { user: "mallory", database: "d,user-azuresu,app-x", applicationName: "psql" },
  { user: "mallory2", database: "plain2", applicationName: "a,client-127.0.0.1 LOG:  b" },
];

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const PASSWORD = "a-password-of-the-test";

describe("names that are to deceive", () => {
  const all = [...KNOWN, ...deceivers];
  let lines: readonly JsonLogLine[] = [];

  beforeAll(async () => {
    const server = await AuditedServer.start("pgaudit.log = 'all'\n");
    try {
      const superuser = await server.connect();
      for (const { user, database } of all) {
        await superuser.query(`CREATE ROLE ${quoted(user)} LOGIN PASSWORD '${PASSWORD}'`);
        await superuser.query(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(user)}`);
      }
      await superuser.end();
      await server.log.quiet();
      const start = server.log.sizes();
      for (const [index, deceiver] of all.entries()) {
        const client = await server.connect({ ...deceiver, password: PASSWORD });
        await client.query("CREATE SCHEMA own");
        await client.query(`CREATE TABLE own.secret_${index} (a int)`);
        await client.query(`SELECT a FROM own.secret_${index}`);
        await client.query(`DROP TABLE own.secret_${index}`);
        await client.end();
      }
      await server.log.quiet();
      lines = server.log
        .since(start)
        .jsonlog.trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as JsonLogLine);
    } finally {
      await server.remove();
    }
  }, 180_000);

  /** The records that the reader shows of the trail with this prefix. */
  function shown(logLinePrefix: string, filters: FilterOptions, isKnown: boolean): LogRecord[] {
    const records: LogRecord[] = [];
    const decoder = isKnown ? { logLinePrefix } : {};
    const reader = new RecordReader({ range: {}, filters, decoder }, (record) =>
      records.push(record),
    );
    const context = { resourceId: "/subscriptions/s/servers/pg", location: "here", logLinePrefix };
    const file = { name: "PT1H.json" };
    const splitter = reader.splitterOf(file);
    const bytes = Buffer.from(lines.map((line) => `${azureRecord(line, context)}\n`).join(""));
    splitter.push({ file, offset: 0, bytes });
    splitter.finish();
    expect(reader.tally.broken).toBe(0);
    return records;
  }

  const textOf = ({ statement, message }: LogRecord): string => statement ?? message ?? "";

  const prefixes = KNOWN_PREFIXES.filter((format) => namesUser(parseLogLinePrefix(format)));

  test.each(
    prefixes.flatMap((format) => [true, false].map((isKnown) => [format, isKnown] as const)),
  )(
    "with %j (given: %s) no statement escapes a filter for the role that executed it",
    (format, isKnown) => {
      for (const [index, { user }] of all.entries()) {
        const own = shown(format, { user: [user] }, isKnown).map(textOf);
        const escaped = [
          `CREATE TABLE own.secret_${index} (a int)`,
          `SELECT a FROM own.secret_${index}`,
          `DROP TABLE own.secret_${index}`,
        ].filter((statement) => !own.some((text) => text.includes(statement)));
        expect({ user, escaped }).toEqual({ user, escaped: [] });
      }
    },
  );

  test.each(
    prefixes.flatMap((format) => [true, false].map((isKnown) => [format, isKnown] as const)),
  )(
    "with %j (given: %s) none is hidden as Azure's own, or from the filters for its class and object",
    (format, isKnown) => {
      const filters: readonly FilterOptions[] = [{}, { class: ["DDL"] }, { command: ["drop *"] }];
      for (const filter of filters) {
        const texts = shown(format, filter, isKnown).map(textOf);
        const hidden = all.flatMap((_, index) => {
          const statement = `DROP TABLE own.secret_${index}`;
          return texts.some((text) => text.includes(statement)) ? [] : [statement];
        });
        expect({ filter, hidden }).toEqual({ filter, hidden: [] });
      }
    },
  );

  test("no record names another user than its own", () => {
    const truth = new Map(
      lines.map((line) => [`${line.pid} ${line.line_num}`, line.user ?? "[unknown]"]),
    );
    for (const { session_line_num, process_id, user_name } of shown(
      KNOWN_PREFIXES[0] ?? "",
      { system: true },
      false,
    )) {
      if (user_name === null) continue;
      expect(user_name).toBe(truth.get(`${process_id} ${session_line_num}`));
    }
  });
});
