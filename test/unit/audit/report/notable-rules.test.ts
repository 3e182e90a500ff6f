import { type FindingSource, NotableRules } from "../../../../audit/report/notable-rules";
import { type LogRecord } from "../../../../audit/record";
import type { Finding } from "../../../../audit/rules/finding";
import { logRecord } from "../records";

type Listener = Parameters<FindingSource["listen"]>[0];

/** Rules whose findings the test makes. */
function reported() {
  const listeners: Listener[] = [];
  const rules = new NotableRules({ listen: (listener) => void listeners.push(listener) });
  const find = (record: Partial<LogRecord>, changes: Partial<Finding> = {}) => {
    const { time, file, file_offset, server, user_name, database_name, client, command } = {
      ...logRecord(),
      ...record,
    };
    const finding: Finding = {
      ...{ rule_id: "grant", rule: "Granted", level: "high", last_time: null, text: "GRANT" },
      count: 1,
      ...{ time, file, file_offset, server, user_name, database_name, client, command },
      ...{ object_name: null, ...changes },
    };
    for (const listener of listeners) listener(finding);
  };
  return { rules, find };
}

const at = (minute: number, fields: Partial<LogRecord> = {}) =>
  logRecord({
    ...{ time: `2026-11-22T17:${minute}:00.000Z`, file_offset: minute },
    ...fields,
  });

test("records are shown by the rules that found them", () => {
  const { rules, find } = reported();
  const [first, second, third] = [at(10), at(11), at(12)];
  find(first);
  rules.add(first);
  rules.add(second);
  find(third);
  find(third, { rule_id: "drop", rule: "Dropped", level: "critical" });
  rules.add(third);
  expect(rules.list([first, second, third])).toEqual([
    {
      ...{ id: "drop", title: "Dropped", level: "critical", count: 1, older: 0, notes: [] },
      ...{ first: third.time, last: third.time, rows: [2] },
    },
    {
      ...{ id: "grant", title: "Granted", level: "high", count: 2, older: 0, notes: [] },
      ...{ first: first.time, last: third.time, rows: [0, 2] },
    },
  ]);
});

test("records that the table doesn't have are counted", () => {
  const { rules, find } = reported();
  for (const record of [at(10), at(11)]) {
    find(record);
    rules.add(record);
  }
  expect(rules.list([at(11)])).toMatchObject([{ count: 2, older: 2, rows: [] }]);
});

test("findings that are known at the end only are found by their place", () => {
  const { rules, find } = reported();
  const records = [at(10), at(11), at(12, { file: "other" })];
  for (const record of records) rules.add(record);
  find(at(12, { file: "other" }), { rule_id: "first-sight" });
  expect(rules.list(records)).toMatchObject([{ id: "first-sight", older: 0, rows: [2] }]);
});

test("a burst shows the records with its values at its time", () => {
  const { rules, find } = reported();
  const records = [
    ...[at(10, { client: "10.9.9.9" }), at(11, { client: "10.9.9.9" }), at(12)],
    ...[at(13, { client: "10.9.9.9" }), at(14, { client: "10.9.9.9" })],
  ];
  for (const record of records) rules.add(record);
  const group = { server: null, user_name: null, database_name: null, command: null };
  find(at(11, { client: "10.9.9.9" }), {
    ...{ ...group, file: null, file_offset: null, text: "2 logins failed" },
    last_time: at(13).time,
  });
  expect(rules.list(records)).toMatchObject([
    { count: 1, first: at(11).time, last: at(13).time, notes: ["2 logins failed"], rows: [1, 3] },
  ]);
});
