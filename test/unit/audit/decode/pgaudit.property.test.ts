import * as fc from "fast-check";
import { type Entry, encodeEntry, entries } from "./encoder";
import { azureLine, broken, decode, PREFIX, record } from "./decoding";

const expected = ({ statement, parameters, ...entry }: Entry) => {
  const isOmitted = typeof statement !== "string";
  return {
    ...entry,
    kind: "audit",
    user_name: "alice",
    statement: isOmitted ? null : statement,
    statement_omitted: isOmitted ? statement.omitted : null,
    parameters: isOmitted ? null : parameters,
    message: null,
  };
};

const line = (entry: Entry): string => azureLine(`${PREFIX}LOG:  ${encodeEntry(entry)}`);

const deceptive: Entry = {
  ...{ audit_type: "SESSION", statement_id: 0, substatement_id: 0, class: "READ" },
  ...{ command: "SELECT", object_type: null, object_name: "client-1.1.1.1 LOG:  ", statement: "" },
  ...{ parameters: null, rows: null },
};

describe("what pgAudit writes", () => {
  test("is read back with any statement, object and parameters", () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const read = record(line(entry));
        // A text that could be the end of a longer prefix: the application's name may be anything.
        if (read.ambiguous === "message")
          expect(JSON.stringify(entry)).toMatch(/client-\S+ LOG: {2}/);
        else expect(read).toMatchObject(expected(entry));
      }),
      { numRuns: 1000, examples: [[deceptive]] },
    );
  });

  test("is read back from a statement of 1 MiB, over many lines", () => {
    const statement = `SELECT '${'many, "quoted"\nlines – '.repeat(50_000)}'`;
    expect(Buffer.byteLength(statement)).toBeGreaterThan(2 ** 20);
    const entry: Entry = {
      ...{ audit_type: "SESSION", statement_id: 1, substatement_id: 1, class: "READ" },
      ...{ command: "SELECT", object_type: null, object_name: null, statement },
      ...{ parameters: [statement, ""], rows: 3 },
    };
    expect(record(line(entry))).toMatchObject(expected(entry));
  });

  test("is broken, with a reason, wherever a line is cut", () => {
    fc.assert(
      fc.property(entries, fc.nat(), (entry, place) => {
        const bytes = Buffer.from(line(entry));
        const cut = bytes.subarray(0, 1 + (place % (bytes.length - 1)));
        expect(broken(cut)).toMatchObject({ length_bytes: cut.length, file_offset: 100 });
        expect(broken(cut).reason).not.toBe("");
      }),
      { numRuns: 1000 },
    );
  });

  test("never causes an exception, however its bytes are damaged", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 5 });
    fc.assert(
      fc.property(entries, damage, (entry, places) => {
        const bytes = Buffer.from(line(entry));
        for (const [place, byte] of places) bytes[place % bytes.length] = byte;
        expect(Array.isArray(decode(bytes))).toBe(true);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(Array.isArray(decode(Buffer.from(bytes)))).toBe(true);
      }),
    );
  });
});

describe("what pgAudit wouldn't write", () => {
  const entry = (fields: string) => azureLine(`${PREFIX}LOG:  AUDIT: ${fields}`);

  test.each([
    ["SESSION,1,1,READ,SELECT,,,SELECT 1", "ends with its statement, before the parameters"],
    ["SESSION,1,1,READ", "ends with its class"],
    ["SESSION,1", "statement ids"],
    ["SESSION,one,1,READ,SELECT,,,SELECT 1,<none>", "statement ids"],
    ['SESSION,1,1,READ,SELECT,,,"SELECT 1,<none>', "quoted statement"],
    ['SESSION,1,1,READ,SELECT,,,"SELECT" 1,<none>', "quoted statement"],
    ['SESSION,1,1,READ,SELECT,,,SELECT "a",<none>', "statement, from character 158"],
    ['SESSION,1,1,READ,SELECT,TABLE,"public.a,SELECT 1,<none>', "quoted object name"],
    ["SESSION,1,1,READ,SELECT,,,SELECT 1,<none>,many", "tenth field, the rows, isn't a number"],
    ["SESSION,1,1,READ,SELECT,,,SELECT 1,<none>,1,2", "tenth field, the rows, isn't a number"],
    ["SESSION,1,1,READ,SELECT,,,SELECT 1,<none>,", "tenth field, the rows, isn't a number"],
    ['SESSION,1,1,READ,SELECT,,,SELECT 1,"""a"', "quote that pgAudit would have doubled"],
  ])("is broken: %s", (fields, reason) => {
    expect(broken(entry(fields)).reason).toContain(reason);
  });

  test("is a message like any other where it isn't pgAudit's at all", () => {
    expect(record(entry("the auditor was here"))).toMatchObject({
      kind: "log",
      message: "AUDIT: the auditor was here",
    });
  });
});
