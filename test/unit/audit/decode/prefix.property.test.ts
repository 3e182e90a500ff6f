import * as fc from "fast-check";
import {
  type JsonLogLine,
  renderLogLinePrefix,
} from "../../../../local/backends/log-shipper/log-line-prefix";
import { Decoder } from "../../../../audit/decode/decoder";
import { azureLine, record } from "./decoding";

/** Names without the literals of this test's prefixes. */
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .map((text) => text.replace(/[\s<|>:\0]/g, "_"))
  .filter((text) => Buffer.byteLength(text) <= 63);

const sessions: fc.Arbitrary<JsonLogLine> = fc
  .record({
    timestamp: fc
      .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString().replace("T", " ").replace("Z", " UTC")),
    user: name,
    dbname: name,
    application_name: fc.constantFrom("psql", "DBeaver 23.1, Main", "[unknown]"),
    pid: fc.integer({ min: 1, max: 2 ** 22 }),
    remote_host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("[local]", "host-1.example.org")),
    remote_port: fc.integer({ min: 1, max: 65535 }),
    line_num: fc.integer({ min: 1, max: 1e9 }),
    ps: fc.constantFrom("SELECT", "idle in transaction"),
    session_start: fc.constant("2026-11-22 19:24:35 UTC"),
    vxid: fc.constantFrom("3/190", "0/0"),
    txid: fc.nat(),
    error_severity: fc.constantFrom("LOG", "ERROR", "WARNING"),
    state_code: fc.constantFrom("00000", "42P01"),
    message: fc.constant("a message"),
    backend_type: fc.constantFrom("client backend", "walsender"),
    query_id: fc.integer(),
  })
  .map((line) => ({ ...line, session_id: `6b0341c0.${line.pid.toString(16)}` }));

/** Escapes between literals that no value contains, some of them padded. */
const formats = fc
  .array(
    fc.tuple(
      fc.constantFrom(..."abcdehilmnprstuvxQ"),
      fc.constantFrom("", "", "5", "-30", "40"),
      fc.constantFrom(" <", "|", "> ", ">: [%%"),
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((parts) => parts.map(([letter, padding, end]) => `%${padding}${letter}${end}`).join(""))
  .chain((format) => fc.constantFrom(format, `<%q${format}`));

test("the values of any log_line_prefix are read back", () => {
  fc.assert(
    fc.property(formats, sessions, (format, line) => {
      const decoder = new Decoder({ logLinePrefix: format });
      const actual = record(
        azureLine(`${renderLogLinePrefix(format, line)}${line.error_severity}:  a message`, {
          processId: undefined,
          errorLevel: line.error_severity,
          sqlerrcode: undefined,
        }),
        {},
        decoder,
      );
      const has = (letters: string): boolean => new RegExp(`%-?\\d*[${letters}]`).test(format);
      const ifHas = <T>(letter: string, value: T): T | null => (has(letter) ? value : null);
      expect(actual).toMatchObject({
        message: "a message",
        user_name: ifHas("u", line.user),
        database_name: ifHas("d", line.dbname),
        application_name: ifHas("a", line.application_name),
        client: ifHas("hr", line.remote_host),
        client_port: ifHas("r", line.remote_port),
        process_id: ifHas("pc", line.pid),
        session_id: ifHas("c", line.session_id),
        session_line_num: ifHas("l", line.line_num),
        backend_type: ifHas("b", line.backend_type),
        sql_state_code: ifHas("e", line.state_code),
      });
      expect(decoder.findings.counts).not.toHaveProperty("unknown");
      expect(decoder.findings.counts).not.toHaveProperty("ambiguous");
    }),
    { numRuns: 500 },
  );
});
