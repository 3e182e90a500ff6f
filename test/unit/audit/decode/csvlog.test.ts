import { logFormat, recordEnd } from "../../../../audit/decode/decoder";
import { azureLine, broken, csvlogRows, fixture, record } from "./decoding";

const captured = fixture("trail.csvlog");
const rows = csvlogRows(captured);
const overLines = rows.findIndex((row) => row.includes("\n"));

describe("rows of csvlog", () => {
  test("are told from JSON by a file's first bytes", () => {
    expect(logFormat(captured.subarray(0, 300))).toBe("csvlog");
    expect(logFormat(Buffer.from(azureLine("x")))).toBe("json");
    expect(logFormat(Buffer.alloc(0))).toBe("json");
  });

  test("end at the same places however the bytes come", () => {
    const start = rows[0]?.byteOffset ?? 0;
    const ends = rows.map((row) => row.byteOffset - start + row.length);
    const found: number[] = [];
    const steps = Array.from({ length: captured.length / 997 }, (_, step) => step * 997);
    for (const have of [...steps, captured.length]) {
      const bytes = captured.subarray(0, have);
      for (;;) {
        const from = (found.at(-1) ?? -1) + 1;
        const end = recordEnd(bytes, from, "csvlog", have === captured.length);
        if (end < 0) break;
        found.push(end);
      }
    }
    expect(found).toEqual(ends);
  });

  test("that aren't written to their end take no other row with them", () => {
    const torn = Buffer.concat([
      rows[overLines]?.subarray(0, -80) ?? Buffer.alloc(0),
      Buffer.from("\n"),
      captured.subarray((rows[overLines + 1]?.byteOffset ?? 0) - (rows[0]?.byteOffset ?? 0)),
    ]);
    const [first, ...others] = csvlogRows(torn);
    expect(broken(first ?? "").reason).toContain("wasn't written to its end");
    expect(others.map((row) => record(row))).toEqual(
      rows.slice(overLines + 1).map((row) => record(row)),
    );
  });

  test("that end too early or have a column too many are broken", () => {
    const [row = Buffer.alloc(0)] = rows;
    expect(broken(row.subarray(0, 120)).reason).toContain("wasn't written to its end");
    expect(broken(`${row.toString()},`).reason).toContain("it has 27 columns");
    expect(broken(row.toString().replace('",,', '"x,,')).reason).toMatch(/column \d+ isn't closed/);
  });

  test("have a client's address with colons of its own", () => {
    const row = rows[0]?.toString().replace(/"127\.0\.0\.1:(\d+)"/, '"fe80::1:5432"') ?? "";
    expect(record(row)).toMatchObject({ client: "fe80::1", client_port: 5432 });
    expect(record(row.replace('"fe80::1:5432"', '"[local]"'))).toMatchObject({
      ...{ client: "[local]", client_port: null },
    });
  });
});
