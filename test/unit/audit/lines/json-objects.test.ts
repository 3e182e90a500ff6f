import * as fc from "fast-check";
import { LineSplitter } from "../../../../audit/lines/line-splitter";
import { RecordReader } from "../../../../audit/record-reader";
import type { LogRecord } from "../../../../audit/record";
import { azureLine } from "../azure-lines";

const FILE = { name: "trail.json" };

/** What a file is split into, in chunks of so many bytes whose memory is used again. */
function split(text: string, chunkBytes = 1000, limitBytes?: number) {
  const pieces: string[] = [];
  const bytes = Buffer.from(text);
  const tooLong: number[] = [];
  const keep = (piece: Buffer, offset: number) => {
    expect(bytes.subarray(offset, offset + piece.length).equals(piece)).toBe(true);
    pieces.push(piece.toString());
  };
  const splitter = new LineSplitter(FILE, {
    block: keep,
    row: keep,
    broken: ({ file_offset }) => tooLong.push(file_offset),
    limitBytes,
  });
  for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
    const chunk = Buffer.from(bytes.subarray(offset, offset + chunkBytes));
    splitter.push({ file: FILE, offset, bytes: chunk });
    chunk.fill("#");
  }
  splitter.finish();
  return { pieces, tooLong };
}

const object = fc.dictionary(
  fc.string({ unit: fc.constantFrom("a", '"', "\\", "{", "}", "\n", "😀"), minLength: 1 }),
  fc.oneof(
    fc.string(),
    fc.constantFrom("{", "}]", '"\n  {'),
    fc.array(fc.dictionary(fc.string(), fc.string())),
  ),
  { minKeys: 1 },
);

test("arrays of objects in any layout are split into the objects, however the chunks are cut", () => {
  fc.assert(
    fc.property(
      fc.array(object, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(0, 1, 2, "\t"),
      fc.constantFrom("", "\ufeff", "\r\n"),
      fc.integer({ min: 1, max: 40 }),
      (objects, indentation, before, chunkBytes) => {
        const array = before + JSON.stringify(objects, null, indentation);
        expect(
          split(array, chunkBytes).pieces.map((piece) => JSON.parse(piece) as unknown),
        ).toEqual(objects);
      },
    ),
  );
});

test("objects of several lines are split, one after the other", () => {
  const objects = [{ a: { b: 1 } }, { c: [{ d: "}" }] }];
  const text = objects.map((each) => `${JSON.stringify(each, null, 2)}\n`).join("");
  expect(split(text, 3).pieces.map((piece) => JSON.parse(piece) as unknown)).toEqual(objects);
});

test("lines of JSON stay lines", () => {
  expect(split('{"a":1}\n{"b":2}\n').pieces).toEqual(['{"a":1}\n{"b":2}\n']);
  expect(split('{"cut\n{"b":2}\n').pieces).toEqual(['{"cut\n{"b":2}\n']);
});

test("an object beyond the limit is reported, and the next one is read", () => {
  const { pieces, tooLong } = split(`[\n{"a":"${"x".repeat(100)}"},{"b":1}]`, 10, 50);
  expect(pieces).toEqual(['{"b":1}']);
  expect(tooLong).toEqual([2]);
});

describe("records", () => {
  const record = (message: string) => JSON.parse(azureLine({ message })) as object;
  const records = ["one", "two", "three"].map(record);

  function read(text: string) {
    const found: LogRecord[] = [];
    const reader = new RecordReader({ range: {}, filters: {}, decoder: {} }, (each) =>
      found.push(each),
    );
    const splitter = reader.splitterOf(FILE);
    splitter.push({ file: FILE, offset: 0, bytes: Buffer.from(text) });
    splitter.finish();
    return { tally: reader.tally, found, messages: found.map(({ message }) => message) };
  }

  test.each([
    ["an array in one line", JSON.stringify(records)],
    ["an array of several lines", JSON.stringify(records, null, 2)],
    ["objects of several lines", records.map((each) => JSON.stringify(each, null, 4)).join("\n")],
    [
      "an array with a record in each line",
      `[\n${records.map((each) => JSON.stringify(each)).join(",\n")}\n]\n`,
    ],
    ["an envelope of several lines", JSON.stringify({ records }, null, 1)],
  ])("in %s are read, each with its place", (_, text) => {
    const { tally, found, messages } = read(text);
    expect(messages).toEqual(["one", "two", "three"]);
    expect(tally.broken).toBe(0);
    for (const { file_offset } of found) expect(text[file_offset]).toBe("{");
  });

  test("that are damaged are counted, and don't take others with them", () => {
    const array = JSON.stringify(records, null, 2);
    for (const damage of [
      (text: string) => text.replace('two"', "two"),
      (text: string) => text.replace(/LOG: +two".*?\n {2}\}/s, "LOG:"),
      (text: string) => text.replace("\n  },\n", "\n  }, nonsense\n"),
    ]) {
      const damaged = damage(array);
      expect(damaged).not.toBe(array);
      const { tally, messages } = read(damaged);
      expect(tally.broken).toBe(1);
      expect(messages).toContain("one");
      expect(messages).toContain("three");
    }
  });

  test("in an array that is cut off are read up to there, and the cut one is counted", () => {
    for (const indentation of [0, 2]) {
      const { tally, messages } = read(JSON.stringify(records, null, indentation).slice(0, -30));
      expect(messages).toEqual(["one", "two"]);
      expect(tally.broken).toBe(1);
    }
  });
});
