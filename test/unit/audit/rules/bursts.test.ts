import { tempFolder } from "../../support/temp-folder";
import { logRecord } from "../records";
import { find, ruleText, rulesOf } from "./rules";

const folder = tempFolder();

const BASE = ruleText("selection:\n    kind: error\ncondition: selection", {
  title: "Failure",
  more: "name: failure\n",
});

const correlation = (text: string) =>
  `${BASE}---\ntitle: Burst\nid: burst\nlevel: high\ncorrelation:\n${text.replace(/^/gm, "    ")}\n`;

const COUNT = `type: event_count
rules: [failure]
group-by: [client]
timespan: 60s
condition:
    gte: 3`;

/** A record at a second. */
const at = (second: number, fields = {}) =>
  logRecord({
    time: new Date(Date.UTC(2026, 10, 22) + second * 1000).toISOString(),
    kind: "error",
    ...fields,
  });

async function bursts(text: string, records: readonly ReturnType<typeof at>[]) {
  const { findings } = find(await rulesOf(folder(), { "rule.yml": correlation(text) }), records);
  return findings.map(({ time, last_time, count, client }) => [
    time.slice(11, 19),
    last_time?.slice(11, 19),
    count,
    client,
  ]);
}

test("records within the timespan are a burst, in any order of the trail", async () => {
  const records = [60, 0, 30].map((second) => at(second));
  expect(await bursts(COUNT, records)).toEqual([["00:00:00", "00:01:00", 3, "10.1.2.3"]]);
});

test("a burst lasts as long as there are enough, and others are bursts of their own", async () => {
  const records = [0, 30, 60, 90, 120, 400, 410, 420, 1000].map((second) => at(second));
  expect(await bursts(COUNT, records)).toEqual([
    ["00:00:00", "00:02:00", 5, "10.1.2.3"],
    ["00:06:40", "00:07:00", 3, "10.1.2.3"],
  ]);
});

test("fewer records, or slower ones, are no burst", async () => {
  const records = [0, 30.001, 60.002, 90.003, 500, 501].map((second) => at(second));
  expect(await bursts(COUNT, records)).toEqual([]);
});

test("groups are counted separately; records without the field are a group", async () => {
  const records = [1, 2, 3].flatMap((second) => [
    at(second, { client: "a" }),
    at(second, { client: null }),
    at(second, { client: second < 3 ? "b" : "c" }),
  ]);
  expect(await bursts(COUNT, records)).toEqual([
    ["00:00:01", "00:00:03", 3, "a"],
    ["00:00:01", "00:00:03", 3, null],
  ]);
});

test("value_count counts different values", async () => {
  const text = COUNT.replace("event_count", "value_count").replace(
    "gte: 3",
    "field: user_name\n    gt: 1",
  );
  const same = [1, 2, 3].map((second) => at(second));
  expect(await bursts(text, same)).toEqual([]);
  const unknown = [at(4, { user_name: null })];
  expect(await bursts(text, [...same, ...unknown])).toEqual([]);
  const other = [at(5, { user_name: "bob" })];
  expect(await bursts(text, [...same, ...other])).toEqual([
    ["00:00:01", "00:00:05", 4, "10.1.2.3"],
  ]);
});

test("temporal needs all rules within the timespan", async () => {
  const second = ruleText("selection:\n    class: DDL\ncondition: selection", { title: "Change" });
  const text = COUNT.replace("event_count", "temporal")
    .replace("[failure]", "[failure, Change]")
    .replace(/condition:\n.*/, "");
  const rule = `${correlation(text)}---\n${second}`;
  const source = await rulesOf(folder(), { "rule.yml": rule });
  const change = at(50, { kind: "audit", class: "DDL" });
  expect(find(source, [at(0), at(1), change]).findings).toMatchObject([
    { rule: "Burst", count: 3 },
  ]);
  expect(find(source, [at(0), at(1)]).findings).toEqual([]);
});

test("the counted rule has findings of its own only with generate", async () => {
  const records = [at(0)];
  const source = await rulesOf(folder(), { "rule.yml": correlation(COUNT) });
  expect(find(source, records).findings).toEqual([]);
  const generating = await rulesOf(folder(), {
    "rule.yml": correlation(`${COUNT}\ngenerate: true`),
  });
  expect(find(generating, records).findings).toMatchObject([{ rule: "Failure" }]);
});

test.each([
  [COUNT.replace("event_count", "temporal_ordered"), /the type "temporal_ordered" isn't supported/],
  [COUNT.replace("60s", "1w"), /timespan is 1w/],
  [COUNT.replace("gte: 3", "lt: 3"), /condition: lt isn't supported/],
  [COUNT.replace("gte: 3", "gte: many"), /gte or gt with a number/],
  [COUNT.replace("event_count", "value_count"), /value_count needs a field/],
  [COUNT.replace("[client]", "[ip]"), /group-by must be a list of fields/],
  [COUNT.replace("[failure]", "[missing]"), /no rule for records is named missing/],
  [`${COUNT}\naliases: {}`, /aliases isn't supported/],
])("%s can't be applied", async (text, problem) => {
  await expect(async () =>
    find(await rulesOf(folder(), { "rule.yml": correlation(text) }), []),
  ).rejects.toThrow(problem);
});
