import { type JsonLogLine } from "../../../local/backends/log-shipper/log-line-prefix";
import { compareTrail, type TrailRecord } from "../../faults/compare";
import { parseRecords } from "../../faults/trail";

const PREFIX =
  "2026-11-29 18:00:00 UTC 4711 1-1 db-pgbench,user-pgadmin,app-psql,client-127.0.0.1 ";

const line = (number: number, message: string, session = "a.1"): JsonLogLine => ({
  timestamp: "2026-11-29 18:00:00.123 UTC",
  pid: 4711,
  session_id: session,
  line_num: number,
  error_severity: "LOG",
  message,
});

const record = ({ timestamp, pid, error_severity, message }: JsonLogLine): TrailRecord => ({
  properties: {
    timestamp,
    processId: pid,
    errorLevel: error_severity,
    sqlerrcode: "00000",
    message: `${PREFIX}${error_severity}:  ${message}`,
  },
});

const counts = (...args: Parameters<typeof compareTrail>) => {
  const { expected, lost, doubled, unknown, outOfOrder } = compareTrail(...args);
  return { expected, lost, doubled, unknown, outOfOrder };
};

const [first, second, third] = [line(1, "one"), line(2, "two"), line(3, "twenty-two")];
const LINES = [first, second, third];
const NOTHING = { lost: [], doubled: [], unknown: [], outOfOrder: [] };

test("finds nothing wrong with a trail that has each line once, in order", () => {
  expect(counts(LINES, LINES.map(record))).toEqual({ expected: 3, ...NOTHING });
});

test("tells equal lines of the same millisecond apart by their number", () => {
  const lines = [line(1, "same"), line(2, "same")];
  expect(counts(lines, lines.map(record))).toEqual({ expected: 2, ...NOTHING });
  expect(counts(lines, [record(first)].concat(lines.slice(1).map(record)))).toMatchObject({
    lost: [lines[1]],
    unknown: [record(first)],
  });
});

test.each([
  ["lost", [first, third], { lost: [second] }],
  ["lost at the end", [first, second], { lost: [third] }],
  ["doubled", [first, second, second, third], { doubled: [record(second)] }],
  ["out of order", [first, third, second], { outOfOrder: [record(second)] }],
])("finds a line that is %s", (_, shipped, found) => {
  expect(counts(LINES, shipped.map(record))).toEqual({ expected: 3, ...NOTHING, ...found });
});

test("finds a record of no line", () => {
  const strange = record(line(1, "never logged"));
  expect(counts(LINES, [...LINES.map(record), strange])).toMatchObject({ unknown: [strange] });
});

test("finds a damaged record", () => {
  const damaged = parseRecords(`${JSON.stringify(record(first))}\n  AUDIT: SESSION\n`);
  expect(counts([first], damaged)).toMatchObject({ expected: 1, lost: [], unknown: [damaged[1]] });
});

test("orders the lines of each session, not those of all", () => {
  const other = line(1, "another session's", "b.2");
  const shipped = [other, first, second, third].map(record);
  expect(counts([...LINES, other], shipped)).toEqual({ expected: 4, ...NOTHING });
});

test("judges only what comes after an index", () => {
  expect(counts(LINES, [first, first, third].map(record), 2)).toEqual({ expected: 1, ...NOTHING });
  expect(counts(LINES, [], 2)).toMatchObject({ expected: 1, lost: [third] });
});

test("expects nothing from a time without a diagnostic setting", () => {
  const isDelivered = (each: JsonLogLine) => each !== second;
  const trail = [first, third].map(record);
  expect(counts(LINES, trail, 0, isDelivered)).toEqual({ expected: 2, ...NOTHING });
  expect(counts(LINES, [first].map(record), 0, isDelivered)).toMatchObject({ lost: [third] });
});
