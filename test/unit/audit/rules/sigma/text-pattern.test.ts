import {
  contains,
  endsWith,
  parseTextPattern,
  startsWith,
  textTest,
} from "../../../../../audit/rules/sigma/text-pattern";

const matches = (pattern: string, text: string, cased = false) =>
  textTest([parseTextPattern(pattern)], cased)(text);

test.each([
  ["drop table", "DROP TABLE", true],
  ["drop table", "DROP TABLE x", false],
  ["drop *", "DROP TABLE", true],
  ["*\nx", "a\nb\nX", true],
  ["hr.?", "hr.a", true],
  ["hr.?", "hr.", false],
  ["?", "🐘", true],
  ["a.c", "abc", false],
  ["(a|b)", "(A|B)", true],
  ["", "", true],
  ["", "a", false],
])("the pattern %j and the text %j: %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

test.each([
  ["100\\*", "100*", true],
  ["100\\*", "1000", false],
  ["a\\?", "a?", true],
  ["C:\\dir", "c:\\dir", true],
  ["C:\\\\dir", "c:\\dir", true],
  ["C:\\\\*", "c:\\dir", true],
  ["C:\\\\\\*", "c:\\*", true],
  ["C:\\\\\\*", "c:\\dir", false],
  ["\\\\\\\\host", "\\\\host", true],
])("the escapes of %j match %j: %s", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

test("capitals matter if the comparison is cased", () => {
  expect(matches("Alice", "alice", true)).toBe(false);
  expect(matches("Al*", "alice", true)).toBe(false);
  expect(matches("Al*", "Alice", true)).toBe(true);
});

test("one of several patterns is enough", () => {
  const test = textTest(["drop *", "TRUNCATE"].map(parseTextPattern), false);
  expect(["DROP x", "truncate", "insert"].map(test)).toEqual([true, true, false]);
});

const around = (wrap: typeof contains, pattern: string) =>
  textTest([wrap(parseTextPattern(pattern))], false);

test("contains, startswith and endswith", () => {
  expect(["xdropx", "DROP"].map(around(contains, "drop"))).toEqual([true, true]);
  expect(["xdrop", "Drop x"].map(around(startsWith, "drop"))).toEqual([false, true]);
  expect(["x DROP", "drop x"].map(around(endsWith, "drop"))).toEqual([true, false]);
  expect(["a-1b", "a-b"].map(around(contains, "A-?b"))).toEqual([true, false]);
});

// Words with a character without case are searched without a regular expression.
test.each([
  ["set_config", "SELECT Set_Config('a')", true],
  ["set_config", "set_confi", false],
  ["set_config", "_set__config set_config", true],
  ["_x", "a_X", true],
  ["x_", "_x", false],
  ["a[b", "A[B", true],
  ["a@b", "a`b", false],
  ["{a", "[a", false],
])("a search for %j in %j: %s", (word, text, expected) => {
  expect(around(contains, word)(text)).toBe(expected);
  expect(/[a-z]/i.test(word) && text.toLowerCase().includes(word.toLowerCase())).toBe(expected);
});

test("a search for several words", () => {
  const test = textTest(
    ["lo_export", "pg_ls_dir", "pgaudit."].map((word) => contains([word])),
    false,
  );
  expect(test("select Pg_Ls_Dir('.')")).toBe(true);
  expect(test("show PGAUDIT.log")).toBe(true);
  expect(test("lo_ export pgaudit")).toBe(false);
});
