import { broken, csvlogRows, fixture, record } from "./decoding";

const captured = fixture("trail.csvlog");
const rows = csvlogRows(captured);
const overLines = rows.findIndex((row) => row.includes("\n"));

describe("rows of csvlog", () => {
  test("that are incomplete don't affect the next row", () => {
    const torn = Buffer.concat([
      rows[overLines]?.subarray(0, -80) ?? Buffer.alloc(0),
      Buffer.from("\n"),
      captured.subarray((rows[overLines + 1]?.byteOffset ?? 0) - (rows[0]?.byteOffset ?? 0)),
    ]);
    const [first, ...others] = csvlogRows(torn);
    expect(broken(first ?? "").reason).toContain("the row is incomplete");
    expect(others.map((row) => record(row))).toEqual(
      rows.slice(overLines + 1).map((row) => record(row)),
    );
  });

  test("with too few or too many columns are broken", () => {
    const [row = Buffer.alloc(0)] = rows;
    expect(broken(row.subarray(0, 120)).reason).toContain("the row is incomplete");
    expect(broken(`${row.toString()},`).reason).toContain("it has 27 columns");
    expect(broken(row.toString().replace('",,', '"x,,')).reason).toMatch(/column \d+ isn't closed/);
  });

  test("have a client's address with colons", () => {
    const row = rows[0]?.toString().replace(/"127\.0\.0\.1:(\d+)"/, '"fe80::1:5432"') ?? "";
    expect(record(row)).toMatchObject({ client: "fe80::1", client_port: 5432 });
    expect(record(row.replace('"fe80::1:5432"', '"[local]"'))).toMatchObject({
      ...{ client: "[local]", client_port: null },
    });
  });
});
