import { NewestRecords } from "../../../../audit/report/newest-records";
import { logRecord } from "../records";

const at = (second: number, statement = "SELECT 1") =>
  logRecord({ time: new Date(second * 1000).toISOString(), statement });

function keep(limits: { records: number; characters: number }, records: ReturnType<typeof at>[]) {
  const newest = new NewestRecords(limits);
  for (const record of records) newest.add(record);
  return newest.sorted();
}

describe("the newest records", () => {
  test("are all of them within the limits, the oldest first", () => {
    const kept = keep({ records: 10, characters: 1000 }, [at(3), at(1), at(2)]);
    expect(kept).toEqual([at(1), at(2), at(3)]);
  });

  test("are limited, in any order of their arrival", () => {
    const shuffled = Array.from({ length: 1000 }, (_, index) => at((index * 617) % 1000));
    const kept = keep({ records: 10, characters: 1e6 }, shuffled);
    expect(kept).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999].map((n) => at(n)));
  });

  test("have so much text, but are one at least", () => {
    const long = "x".repeat(400);
    const records = [at(1, long), at(2, long), at(3, long), at(4, long)];
    expect(keep({ records: 10, characters: 1000 }, records)).toEqual([at(3, long), at(4, long)]);
    expect(keep({ records: 10, characters: 10 }, records)).toEqual([at(4, long)]);
  });
});
