import { Summary } from "../../../../audit/output/summary";
import { logRecord } from "../records";

const RECORDS = [
  logRecord({ class: "WRITE", time: "2026-11-22T18:00:00.000Z" }),
  logRecord({ class: "READ", user_name: "zoe" }),
  logRecord({ class: "READ", user_name: "amy" }),
  logRecord({ kind: "error", class: null, user_name: null, time: "2026-11-22T16:59:59.999Z" }),
];

function summaryOf(records: typeof RECORDS): Summary {
  const summary = new Summary();
  for (const record of records) summary.add(record);
  return summary;
}

describe("a summary", () => {
  test("counts by each group, the most frequent first, and what has no value too", () => {
    const summary = summaryOf(RECORDS);
    expect(summary.counts("class")).toEqual([
      { value: "READ", records: 2 },
      { value: "WRITE", records: 1 },
    ]);
    expect(summary.counts("database")).toEqual([{ value: "shop", records: 4 }]);
    expect(summary.counts("user").map(({ value }) => value)).toEqual([null, "amy", "app", "zoe"]);
    expect(summary.counts("kind")[0]).toEqual({ value: "audit", records: 3 });
  });

  test("counts class, command and object of audit records only, and what is ambiguous", () => {
    const none = { class: null, command: null, object_name: null };
    const summary = summaryOf([
      logRecord({ object_name: null }),
      logRecord({ ambiguous: "names", user_name: null, database_name: null }),
      logRecord({ kind: "connection", ...none }),
      logRecord({ kind: "log", ambiguous: "message", ...none }),
    ]);
    expect(summary.counts("class")).toEqual([{ value: "READ", records: 2 }]);
    expect(summary.counts("command")).toEqual([{ value: "SELECT", records: 2 }]);
    expect(summary.counts("object")).toEqual([
      { value: null, records: 1 },
      { value: "public.orders", records: 1 },
    ]);
    expect(summary.counts("ambiguous")).toEqual([
      { value: "message", records: 1 },
      { value: "names", records: 1 },
    ]);
    expect(summary.counts("database")).toEqual([
      { value: "shop", records: 3 },
      { value: null, records: 1 },
    ]);
  });

  test("lists hours in their order, and knows the oldest and the newest record", () => {
    const summary = summaryOf(RECORDS);
    expect(summary.counts("hour")).toEqual([
      { value: "2026-11-22T16", records: 1 },
      { value: "2026-11-22T17", records: 2 },
      { value: "2026-11-22T18", records: 1 },
    ]);
    expect(summary.part()).toMatchObject({
      records: 4,
      first: "2026-11-22T16:59:59.999Z",
      last: "2026-11-22T18:00:00.000Z",
    });
  });

  test("added up from parts is that of the whole", () => {
    const whole = new Summary();
    whole.addPart(summaryOf(RECORDS.slice(2)).part());
    whole.addPart(summaryOf([]).part());
    whole.addPart(summaryOf(RECORDS.slice(0, 2)).part());
    expect(whole.part()).toEqual(summaryOf(RECORDS).part());
  });
});
