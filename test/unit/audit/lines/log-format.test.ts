import { logFormat, rowEnd } from "../../../../audit/lines/log-format";
import { azureLine, csvlogRows, fixture } from "../decode/decoding";

const captured = fixture("trail.csvlog");
const rows = csvlogRows(captured);

describe("rows of csvlog", () => {
  test("are distinguished from JSON by a file's first bytes", () => {
    expect(logFormat(captured.subarray(0, 300))).toBe("csvlog");
    expect(logFormat(Buffer.from(azureLine("x")))).toBe("json");
    expect(logFormat(Buffer.alloc(0))).toBe("json");
  });

  test("have the same ends, whatever part of the bytes is available", () => {
    const start = rows[0]?.byteOffset ?? 0;
    const ends = rows.map((row) => row.byteOffset - start + row.length);
    const found: number[] = [];
    const steps = Array.from({ length: captured.length / 997 }, (_, step) => step * 997);
    for (const have of [...steps, captured.length]) {
      const bytes = captured.subarray(0, have);
      for (;;) {
        const from = (found.at(-1) ?? -1) + 1;
        const end = rowEnd(bytes, from, have === captured.length);
        if (end < 0) break;
        found.push(end);
      }
    }
    expect(found).toEqual(ends);
  });
});
