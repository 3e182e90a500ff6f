import * as fc from "fast-check";
import { Decoder } from "../../../../audit/decode/decoder";
import { compileFilter, type FilterOptions } from "../../../../audit/select/filter";
import { forEachLine } from "../../../../audit/lines/line-splitter";
import { NeedleSearch, needleOf } from "../../../../audit/select/needle";
import { newTally, type Tally } from "../../../../audit/output/tally";
import { type LogRecord } from "../../../../audit/record";
import { RecordReader } from "../../../../audit/record-reader";
import { auditMessage, azureLine } from "../azure-lines";

describe("the needle of filters", () => {
  test.each<[FilterOptions, string | undefined]>([
    [{}, undefined],
    [{ class: ["read"] }, ",READ,"],
    [{ class: ["READ", "WRITE"] }, undefined],
    [{ class: ["READ"], user: ["alice"] }, "alice"],
    [{ user: ["alice"], object: ["public.pay*"] }, "public.pay"],
    [{ user: ["al"] }, undefined],
    [{ user: ["é-alice"] }, "-alice"],
    [{ user: ["a*b?c"] }, undefined],
    [{ command: ["create table"] }, ",CREATE TABLE,"],
    [{ command: ["create *"] }, undefined],
    [{ client: ["10.1.0.0/16"] }, undefined],
    [{ client: ["10.1.2.*"] }, "10.1.2."],
    // Text without capitals is found in any case; the bytes' case is unknown then.
    [{ grep: "drop" }, undefined],
    [{ grep: "DROP TABLE" }, "DROP TABLE"],
    [{ grep: 'WHERE "Name"=1' }, "WHERE "],
    [{ grep: "/DROP/" }, undefined],
    [{ user: ["!alice"], grep: "!DROP" }, undefined],
    [{ user: ["alice*", "!alice_test"] }, "alice"],
    [{ class: ["WRITE", "!DDL"], object: ["!public.orders"] }, ",WRITE,"],
    [{ processId: ["4711"], sessionId: ["6380ab.12"] }, undefined],
  ])("%j: %s", (filters, needle) => expect(needleOf(filters)).toBe(needle));
});

const USERS = ["alice", "bob", "azuresu", 'o"neil', "zoë-alice"];
const CLASSES = ["READ", "WRITE", "DDL"];
const OBJECTS = ["public.orders", 'public."Or,ders"', "hr.orders", "<none>"];
const STATEMENTS = ["SELECT 1", 'DROP TABLE "Orders"', "SELECT\n'alice'", "drop public.orders"];

/** As a writer would who escapes what needs no escape. */
const escaped = (line: string, word: string) =>
  line.replaceAll(word, (text) =>
    [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  );

const record = fc
  .record({
    user: fc.constantFrom(...USERS),
    class: fc.constantFrom(...CLASSES),
    command: fc.constantFrom("SELECT", "DROP TABLE"),
    object: fc.constantFrom(...OBJECTS),
    statement: fc.constantFrom(...STATEMENTS),
    shape: fc.constantFrom(
      "plain",
      "plain",
      "escaped",
      "envelope",
      "cut",
      "spoilt",
      "error",
      "csv",
    ),
  })
  .map(({ shape, user, ...audit }) => {
    const message = auditMessage(audit.class, audit.command, audit.statement, audit.object);
    const line = azureLine({ user, message: shape === "error" ? audit.statement : message });
    if (shape === "escaped") return escaped(escaped(line, "alice"), "orders");
    if (shape === "envelope") return `{"records":[${line},${line}]}`;
    if (shape === "cut") return line.slice(0, line.length / 2);
    // Looks whole, and isn't.
    if (shape === "spoilt") return line.replace('"time"', "time");
    if (shape === "csv") return "2026-11-22 17:51:17.034 UTC,alice";
    return line;
  });

/** Mostly not given: of many filters at once hardly a record passes all. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const several = (values: readonly string[]) =>
  seldom(fc.subarray([...values], { minLength: 1, maxLength: 2 }));
const filters: fc.Arbitrary<FilterOptions> = fc.record({
  user: several([...USERS, "ali*", "*lice", "!alice", "!zo*"]),
  class: several([...CLASSES, "!READ"]),
  command: several(["select", "drop table", "drop *"]),
  object: several(["public.orders", "orders", "public.*", 'public."Or,ders"']),
  client: several(["10.1.2.3", "10.1.*", "10.9.9.9", "10.0.0.0/8"]),
  grep: seldom(fc.constantFrom("orders", "DROP", 'TABLE "O', "/drop/i", "alice", "!DROP")),
  system: fc.boolean(),
});

/** Every line decoded. */
function readAll(block: Buffer, options: FilterOptions): { records: LogRecord[]; tally: Tally } {
  const [decoder, filter, tally] = [new Decoder(), compileFilter(options), newTally()];
  const records: LogRecord[] = [];
  forEachLine(block, 0, (line, offset) => {
    for (const decoded of decoder.decode(line, "f", offset)) {
      if (decoded.broken) {
        tally.broken += 1;
        continue;
      }
      const verdict = filter(decoded.record);
      tally[verdict] += 1;
      if (verdict === "shown") records.push(decoded.record);
    }
  });
  return { records, tally };
}

test("searching for the needle first changes no record, and counts all lines that look broken", () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 8 }),
      filters,
      fc.constantFrom("\n", "\r\n", "\n\n"),
      (lines, options, lineEnd) => {
        // The first line says that the file is JSON.
        const block = Buffer.from([azureLine({ message: "first" }), ...lines].join(lineEnd));
        const expected = readAll(block, options);
        const records: LogRecord[] = [];
        const reader = new RecordReader({ range: {}, filters: options, decoder: {} }, (one) =>
          records.push(one),
        );
        const file = { name: "f" };
        const splitter = reader.splitterOf(file);
        splitter.push({ file, offset: 0, bytes: block });
        splitter.finish();
        expect(records).toEqual(expected.records);
        const { shown, system, filtered, broken } = reader.tally;
        expect([shown, system]).toEqual([expected.tally.shown, expected.tally.system]);
        const cut = lines.filter((line) => !line.endsWith("}")).length;
        expect(filtered + broken).toBe(expected.tally.filtered + expected.tally.broken);
        expect(broken).toBeGreaterThanOrEqual(cut);
      },
    ),
    { numRuns: 500 },
  );
});

test("lines without the needle aren't decoded, unless escapes may hide it", () => {
  const lines = [
    azureLine({ message: "a" }),
    azureLine({ message: "b", user: "alice" }),
    escaped(azureLine({ message: "e", user: "alice" }), "al"),
    // No needle contains an apostrophe.
    azureLine({ message: "f" }).replace("shop", "\\u0027"),
    escaped(azureLine({ message: "g", user: "alice" }), "i"),
    azureLine({ message: "h" }),
  ];
  const found: string[] = [];
  const passed = new NeedleSearch("alice").forEachCandidate(
    Buffer.from(lines.join("\n")),
    0,
    (line) => found.push(line.toString()),
  );
  expect(found).toEqual([lines[1], lines[2], lines[4]]);
  expect(passed).toBe(3);
});
