import { compileDetection } from "../../../../../audit/rules/sigma/detection";
import { compile, specialize } from "../../../../../audit/rules/sigma/expression";
import type { LogRecord } from "../../../../../audit/record";
import { logRecord } from "../../records";

const LISTS = { tables: ["hr.*", "public.salaries"], none: [] };

function compiled(detection: Readonly<Record<string, unknown>>) {
  const problems: string[] = [];
  const report = (problem: string) => problems.push(problem);
  return { expression: compileDetection(detection, { lists: LISTS, report }), problems };
}

/** Whether a detection matches, also when the record's kind, class and command are applied first. */
function matches(detection: Readonly<Record<string, unknown>>, record: LogRecord): boolean {
  const { expression, problems } = compiled(detection);
  expect(problems).toEqual([]);
  const result = compile(expression)(record);
  expect(compile(specialize(expression, record))(record)).toBe(result);
  return result;
}

const selects = (selection: unknown, fields: Partial<LogRecord>) =>
  matches({ selection, condition: "selection" }, logRecord(fields));

describe("a map", () => {
  test("needs all of its elements, and one of each list's values", () => {
    const selection = { class: "DDL", command: ["DROP TABLE", "DROP VIEW"] };
    expect(selects(selection, { class: "DDL", command: "DROP VIEW" })).toBe(true);
    expect(selects(selection, { class: "DDL", command: "DROP INDEX" })).toBe(false);
    expect(selects(selection, { class: "MISC", command: "DROP VIEW" })).toBe(false);
  });

  test.each<[unknown, Partial<LogRecord>, boolean]>([
    [{ user_name: "ALICE" }, { user_name: "alice" }, true],
    [{ "user_name|cased": "ALICE" }, { user_name: "alice" }, false],
    [{ "statement|contains": "drop" }, { statement: "x DROP y" }, true],
    [{ "statement|contains": "drop" }, { statement: null }, false],
    [{ "statement|contains|cased": "drop" }, { statement: "x DROP y" }, false],
    [{ "statement|contains|all": ["a", "b"] }, { statement: "b and a" }, true],
    [{ "statement|contains|all": ["a", "b"] }, { statement: "only a" }, false],
    [{ "statement|startswith": ["alter", "drop"] }, { statement: "DROP x" }, true],
    [{ "statement|endswith": "cascade" }, { statement: "DROP x CASCADE" }, true],
    [{ "statement|re": "^DROP\\s" }, { statement: "DROP x" }, true],
    [{ "statement|re": "^DROP" }, { statement: "drop x" }, false],
    [{ "statement|re|i": "^DROP" }, { statement: "drop x" }, true],
    [{ "statement|re|i|s": "drop.x" }, { statement: "DROP\nx" }, true],
    [{ "statement|re|m": "^x$" }, { statement: "DROP\nx" }, true],
    [{ "client|cidr": "10.1.0.0/16" }, { client: "10.1.2.3" }, true],
    [{ "client|cidr": ["10.2.0.0/16", "fd00::/8"] }, { client: "fd00::1" }, true],
    [{ "client|cidr": "10.2.0.0/16" }, { client: "10.1.2.3" }, false],
    [{ "client|cidr": "10.2.0.0/16" }, { client: "[local]" }, false],
    [{ rows: 3 }, { rows: 3 }, true],
    [{ rows: [3, 4] }, { rows: 4 }, true],
    [{ "rows|gte": 3 }, { rows: 3 }, true],
    [{ "rows|gt": 3 }, { rows: 3 }, false],
    [{ "rows|lt": 3 }, { rows: null }, false],
    [{ "duration_ms|lte": 1.5 }, { duration_ms: 1.5 }, true],
    [{ "rows|exists": true }, { rows: 0 }, true],
    [{ "rows|exists": false }, { rows: null }, true],
    [{ object_name: null }, { object_name: null }, true],
    [{ object_name: null }, { object_name: "a" }, false],
    [{ application_name: "" }, { application_name: "" }, true],
    [{ "class|neq": ["DDL", "ROLE"] }, { class: "READ" }, true],
    [{ "class|neq": ["DDL", "ROLE"] }, { class: "ROLE" }, false],
    [{ "user_name|fieldref": "database_name" }, { user_name: "Hr", database_name: "hr" }, true],
    [{ "user_name|fieldref": "database_name" }, { user_name: null, database_name: null }, false],
    [{ "user_name|fieldref|neq": "database_name" }, { user_name: "a", database_name: "b" }, true],
    [{ "object_name|expand": "%tables%" }, { object_name: "HR.x" }, true],
    [{ "object_name|expand": "%tables%" }, { object_name: "public.x" }, false],
    [{ "object_name|expand": "%none%" }, { object_name: "" }, false],
    [{ "parameters|contains": "pgaudit." }, { parameters: ["a", "pgaudit.log"] }, true],
    [{ "parameters|contains": "pgaudit." }, { parameters: [] }, false],
  ])("%j and %j: %s", (selection, fields, expected) => {
    expect(selects(selection, fields)).toBe(expected);
  });
});

test("of a list of maps or keywords one must match", () => {
  const maps = [{ class: "DDL" }, { "rows|gte": 10 }];
  expect(selects(maps, { class: "READ", rows: 10 })).toBe(true);
  expect(selects(maps, { class: "READ", rows: 9 })).toBe(false);
  const keywords = ["secret", "salar*s"];
  expect(selects(keywords, { statement: "SELECT * FROM Salaries" })).toBe(true);
  expect(selects(keywords, { statement: null, message: "a SECRET" })).toBe(true);
  expect(selects(keywords, { statement: "SELECT 1", user_name: "secret" })).toBe(false);
  expect(selects({ "|all": ["a", "b"] }, { statement: "only a" })).toBe(false);
});

describe("a condition", () => {
  const searches = {
    sel_a: { class: "DDL" },
    sel_b: { command: "DROP TABLE" },
    filter: { user_name: "migration" },
    _hidden: { user_name: "app" },
  };
  test.each<[unknown, Partial<LogRecord>, boolean]>([
    ["sel_a and sel_b", { class: "DDL", command: "DROP TABLE" }, true],
    ["sel_a and not sel_b", { class: "DDL", command: "DROP TABLE" }, false],
    ["sel_a or filter and sel_b", { class: "DDL", user_name: "x" }, true],
    ["(sel_a or filter) and sel_b", { class: "DDL", user_name: "x" }, false],
    ["not (sel_a or sel_b)", { class: "READ" }, true],
    ["not not sel_a", { class: "DDL" }, true],
    ["1 of sel_*", { class: "READ", command: "DROP TABLE" }, true],
    ["any of sel_*", { class: "READ" }, false],
    ["all of sel_*", { class: "DDL", command: "DROP VIEW" }, false],
    ["1 of them", { class: "READ", user_name: "app" }, false],
    ["all of sel_* and not 1 of filter*", { class: "DDL", command: "drop table" }, true],
    [["sel_a", "filter"], { class: "READ", user_name: "migration" }, true],
  ])("%j and %j: %s", (condition, fields, expected) => {
    expect(matches({ ...searches, condition }, logRecord(fields))).toBe(expected);
  });
});

test.each([
  [{ CommandLine: "x" }, 'records have no field "CommandLine"'],
  [{ "statement|base64": "x" }, 'the modifier "base64" isn\'t supported'],
  [{ "time|hour": 3 }, 'the modifier "hour" isn\'t supported'],
  [{ "statement|contains|re": "x" }, "contains and re exclude each other"],
  [{ "statement|contains|i": "x" }, '"i" is for re only'],
  [{ "statement|re": "(?i)x" }, "Invalid regular expression"],
  [{ "statement|re|cased": "x" }, '"cased" and "re" exclude each other'],
  [{ "statement|contains|all": "x" }, "`all` needs a list"],
  [{ user_name: [null, "x"] }, "null can't be in a list"],
  [{ user_name: [] }, "the list is empty"],
  [{ user_name: { x: 1 } }, "neither a text nor a number"],
  [{ sql_state_code: 28000 }, "the field is a text; write '28000'"],
  [{ rows: "3" }, "the field is a number"],
  [{ "rows|gte": "3" }, '"3" isn\'t a number'],
  [{ "statement|gte": 3 }, "the field isn't a number"],
  [{ "rows|exists": "yes" }, "it takes true or false"],
  [{ "client|cidr": "10.1" }, "isn't a range of addresses"],
  [{ "object_name|expand": "%servers%" }, "no folder of rules has servers.txt"],
  [{ "object_name|expand": "servers" }, "isn't a placeholder"],
  [{ "user_name|fieldref": "role" }, 'no field "role"'],
  [{ "statement|contains": 3 }, "3 isn't a text"],
])("%j can't be applied: %s", (selection, problem) => {
  const { problems } = compiled({ selection, condition: "selection" });
  expect(problems).toEqual([expect.stringContaining(problem)]);
  expect(problems[0]).toMatch(new RegExp(`^${Object.keys(selection)[0]?.split("|")[0]}`));
});

test.each([
  ["selection and", "it ends where a name is expected"],
  ["selection other", '"other" is unexpected'],
  ["missing", 'the detection has no "missing"'],
  ["1 of missing*", 'the detection has no "missing*"'],
  ["2 of selection", '"2 of" isn\'t supported'],
  ["(selection", "a parenthesis isn't closed"],
  ["selection | count() > 5", '"|" is unexpected'],
  ["selection AND selection", '"AND" is unexpected'],
])("the condition %j can't be applied: %s", (condition, problem) => {
  const { problems } = compiled({ selection: { class: "DDL" }, condition });
  expect(problems).toEqual([expect.stringContaining(`condition "${condition}": ${problem}`)]);
});

test("a detection with several mistakes reports all", () => {
  const { problems } = compiled({ a: { x: 1, "rows|week": 1 }, b: 3, c: [], timeframe: "5m" });
  expect(problems).toHaveLength(6);
});
