import * as fc from "fast-check";
import { ENCODERS } from "../../../../audit/output/encoded-output";
import { FIELDS, type FieldType, type LogRecord } from "../../../../audit/record";
import { AuditTable } from "../../../../audit/sql/audit-table";
import { jsonConverter } from "../../../../audit/sql/result-writers";

/** Texts with what has a meaning in CSV, JSON or UTF-8. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "\u0001", ",", '"', "\n", "\r", "\0", "\\", "null", "\ud800", "\udc00"),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(""))
  // DuckDB's JavaScript interface drops a byte order mark at the start of a text that it returns.
  .filter((value) => !value.startsWith("\ufeff"));

const VALUES: Readonly<Record<FieldType, fc.Arbitrary<unknown>>> = {
  text: fc.option(text),
  integer: fc.option(fc.maxSafeInteger()),
  double: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => n !== 0)),
  timestamp: fc
    .date({ min: new Date("1970-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  "text[]": fc.option(fc.array(text, { maxLength: 3 })),
};
const record = fc.record(
  Object.fromEntries(Object.entries(FIELDS).map(([name, type]) => [name, VALUES[type]])),
) as unknown as fc.Arbitrary<LogRecord>;

/** The records in the table; a row's bytes come in two calls. */
async function throughTable(records: readonly LogRecord[]): Promise<unknown[][]> {
  const table = await AuditTable.create();
  try {
    for (const each of records) {
      const bytes = Buffer.from(ENCODERS.rows.encode(each, Buffer.alloc(0)));
      table.append(bytes.subarray(0, bytes.length / 2));
      table.append(bytes.subarray(bytes.length / 2));
      await table.drain();
    }
    await table.finish();
    const { connection, duckdb } = table;
    const result = await connection.runAndReadAll("FROM audit");
    return result.convertRows(jsonConverter(duckdb));
  } finally {
    await table.close();
  }
}

/** As DuckDB shows the record: half of a surrogate pair isn't UTF-8, and becomes U+FFFD. */
function expectedRow(each: LogRecord): unknown[] {
  const wellFormed = (value: string) => Buffer.from(value).toString();
  return Object.values({
    ...each,
    time: each.time.replace("T", " ").replace(/(?:\.000|(\.\d*?[1-9])0*)Z$/, "$1"),
  }).map((value: LogRecord[keyof LogRecord]) => {
    if (typeof value === "string") return wellFormed(value);
    return typeof value === "object" && value !== null ? value.map(wellFormed) : value;
  });
}

test("every value of a record arrives in DuckDB as it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 60 }), async (records) => {
      expect(await throughTable(records)).toEqual(records.map(expectedRow));
    }),
    { numRuns: 12 },
  );
}, 60_000);

test("rows keep their order over the parts that DuckDB loads, also a very long one", async () => {
  const [example] = fc.sample(record, 1) as [LogRecord];
  const records = Array.from({ length: 30 }, (_, index) => ({
    ...example,
    statement: "x\n".repeat(index === 15 ? 5_000_000 : 500_000),
    file_offset: index,
  }));
  const rows = await throughTable(records);
  const offset = Object.keys(FIELDS).indexOf("file_offset");
  const statement = Object.keys(FIELDS).indexOf("statement");
  expect(rows.map((row) => row[offset])).toEqual(records.map((each) => each.file_offset));
  expect(rows.map((row) => String(row[statement]).length)).toEqual(
    records.map((each) => each.statement.length),
  );
}, 60_000);
