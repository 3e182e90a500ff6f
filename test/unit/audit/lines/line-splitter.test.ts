import * as fc from "fast-check";
import { forEachLine, LineSplitter } from "../../../../audit/lines/line-splitter";
import { type BrokenLine } from "../../../../audit/record";

const FILE = { name: "PT1H.json" };

interface Line {
  readonly text: string;
  readonly offset: number;
}

/** A splitter, and its output so far. */
function splitter(limitBytes?: number) {
  const lines: Line[] = [];
  const broken: BrokenLine[] = [];
  const split = new LineSplitter(FILE, {
    block: (block, blockOffset) =>
      forEachLine(block, blockOffset, (bytes, offset) =>
        lines.push({ text: bytes.toString(), offset }),
      ),
    row: (bytes, offset) => lines.push({ text: bytes.toString(), offset }),
    broken: (line) => broken.push(line),
    limitBytes,
  });
  let offset = 0;
  const push = (text: string | Buffer, at = offset) => {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    split.push({ file: FILE, offset: at, bytes });
    // The source uses its buffer again.
    bytes.fill("#");
    offset = at + bytes.length;
  };
  return { lines, broken, push, finish: () => split.finish() };
}

describe("lines", () => {
  test("come whole and with their offsets, however the chunks are cut", () => {
    const line = fc.string({
      unit: fc.constantFrom("a", "é", "😀", "{", " ", "\t"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(20)), fc.boolean(), (texts, cuts, ended) => {
        // The first line of an object with several lines.
        fc.pre(!/^\s*\{[\t ]*\n/.test(`${texts.join("\n")}\n`));
        const whole = Buffer.from(texts.join("\n") + (ended ? "\n" : ""));
        const { lines, push, finish } = splitter();
        let offset = 0;
        for (const cut of [...cuts, whole.length]) {
          const bytes = Buffer.from(whole.subarray(offset, offset + cut));
          push(bytes);
          offset += bytes.length;
        }
        finish();
        const expected: Line[] = [];
        forEachLine(whole, 0, (bytes, at) => expected.push({ text: bytes.toString(), offset: at }));
        expect(lines).toEqual(expected);
      }),
    );
  });

  test("end with LF or CRLF, and begin after a byte order mark", () => {
    const { push, lines } = splitter();
    push("\ufeff{1}\r\n{2}\n\r\n");
    expect(lines).toEqual([
      { text: "{1}", offset: 3 },
      { text: "{2}", offset: 8 },
      { text: "", offset: 12 },
    ]);
  });

  test("that are cut off wait for their rest, and come at the end of the file without it", () => {
    const { push, lines, finish } = splitter();
    push("{1}\n{2");
    expect(lines).toEqual([{ text: "{1}", offset: 0 }]);
    push("2}\n{3");
    expect(lines.slice(1)).toEqual([{ text: "{22}", offset: 4 }]);
    finish();
    finish();
    expect(lines.slice(2)).toEqual([{ text: "{3", offset: 9 }]);
  });

  test("start again after the file was replaced", () => {
    const { push, lines } = splitter();
    push("{1}\n{2");
    push("{3}\n", 0);
    expect(lines).toEqual([
      { text: "{1}", offset: 0 },
      { text: "{2", offset: 4 },
      { text: "{3}", offset: 0 },
    ]);
  });

  test("beyond the limit are reported, and the next one is read again", () => {
    const { push, lines, broken, finish } = splitter(10);
    push("{1}\n12345");
    push("6789012");
    push("3456\n{2}\n01234567");
    push("8901");
    finish();
    expect(lines.map(({ text }) => text)).toEqual(["{1}", "{2}"]);
    expect(broken).toEqual([
      {
        file: "PT1H.json",
        file_offset: 4,
        length_bytes: 17,
        reason: "the line is longer than 10 bytes",
      },
      expect.objectContaining({ file_offset: 25, length_bytes: 12 }),
    ]);
  });

  test("of csvlog are rows, whose quoted columns contain line ends", () => {
    const row = (message: string) =>
      `2026-11-22 17:51:17.034 UTC,"app","shop",4711,"10.1.2.3:50000",6380ab.12,1,"SELECT",` +
      `2026-11-22 17:51:00 UTC,3/4,0,LOG,00000,"${message}",,,,,,,,,"psql","client backend",,0`;
    const rows = [row("a"), row('two\n""lines""\n'), row("{c}")];
    const whole = `${rows.join("\n")}\n`;
    for (const size of [1, 100, 5000]) {
      const { push, lines, finish } = splitter();
      for (let at = 0; at < whole.length; at += size) push(whole.slice(at, at + size));
      expect(lines.map(({ text }) => text)).toEqual(rows);
      expect(lines[2]?.offset).toBe(whole.indexOf(rows[2] ?? ""));
      push(row("cut\noff").slice(0, -30));
      finish();
      expect(lines).toHaveLength(4);
    }
  });

  test("of csvlog beyond the limit are reported, and the next row is read again", () => {
    const start = '2026-11-22 17:51:17.034 UTC,"app","shop",4711,,6380ab.12,1,';
    const { push, lines, broken, finish } = splitter(200);
    push(`${start}\n${start}"${"x".repeat(150)}`);
    push("y".repeat(100));
    push(`"\n${start}\n`);
    finish();
    expect(lines.map(({ text }) => text)).toEqual([start, start]);
    expect(broken).toEqual([expect.objectContaining({ file_offset: start.length + 1 })]);
  });
});
