import { RecordReader } from "../../../audit/record-reader";
import type { FilterOptions } from "../../../audit/select/filter";
import type { TimeRange } from "../../../audit/select/time-range";
import { auditMessage, azureLine } from "./azure-lines";

const RANGE = { since: new Date("2026-11-22T17:00Z"), until: new Date("2026-11-22T18:00Z") };

function read(lines: readonly string[], filters: FilterOptions, range: TimeRange = RANGE) {
  const statements: (string | null)[] = [];
  const reader = new RecordReader({ range, filters, decoder: {} }, ({ statement }) =>
    statements.push(statement),
  );
  const file = { name: "f" };
  const splitter = reader.splitterOf(file);
  splitter.push({ file, offset: 0, bytes: Buffer.from(lines.join("\n")) });
  splitter.finish();
  return { statements, tally: reader.tally, notices: reader.decoder.findings.notices };
}

/** A line whose record and prefix have this time, as `17:30:00.000 UTC`. */
function line(time: string, user: string): string {
  const message = auditMessage("READ", "SELECT", `SELECT '${time}'`);
  return azureLine({ user, message })
    .replace("2026-11-22 17:51:17.034 UTC", `2026-11-22 ${time}`)
    .replace("2026-11-22 17:51:17 UTC", `2026-11-22 ${time.replace(/\.\d+/, "")}`);
}

describe("only records of the range are counted", () => {
  const lines = ["alice", "bob"].flatMap((user) => [
    line("16:59:59.999 UTC", user),
    line("17:00:00.000 UTC", user),
    line("17:30:00.000 GMT", user),
    // 17:30 in UTC.
    line("18:30:00.000 +01", user),
    line("17:30:00.000 +01", user),
    // Other notations of the same.
    line("17:59:59.000 UTC", user).replace('"timestamp":', '"timestamp" : '),
    line("18:00:00.000 UTC", user).replace('"timestamp":', '"timestamp" : '),
    line("18:00:00.000 UTC", user),
  ]);

  test("with a filter whose value is searched in the bytes", () => {
    const { statements, tally } = read(lines, { user: ["alice"] });
    expect(statements).toHaveLength(4);
    expect(tally).toMatchObject({ shown: 4, filtered: 4, broken: 0 });
  });

  test("with a filter that decodes every line", () => {
    expect(read(lines, { user: ["alice", "carol"] }).tally).toMatchObject({
      shown: 4,
      filtered: 4,
    });
  });

  test("without a filter", () => {
    expect(read(lines, {}).tally).toMatchObject({ shown: 8, filtered: 0 });
  });

  test("without a range", () => {
    expect(read(lines, { user: ["alice"] }, {}).tally).toMatchObject({ shown: 8, filtered: 8 });
  });
});

test("lines that name nobody are counted within the range only", () => {
  const nameless = (time: string) =>
    JSON.stringify({
      properties: {
        timestamp: `2026-11-22 ${time} UTC`,
        processId: 1,
        errorLevel: "LOG",
        message: `2026-11-22 ${time} UTC-6380ab.12-LOG:  hello`,
      },
    });
  const [before, within] = [nameless("16:00:00"), nameless("17:30:00")];
  expect(read([before, within, before, within], {}).notices).toEqual([
    expect.stringMatching(/^2 lines name nobody/),
  ]);
  expect(read([before], {}).notices).toEqual([]);
  expect(read([before], {}, {}).notices).toEqual([expect.stringMatching(/^1 line names nobody/)]);
});

test("a broken line, whose time is unknown, is counted with every range", () => {
  expect(read(['{"cut'], {}).tally.broken).toBe(1);
});
