import * as fs from "node:fs";
import * as path from "node:path";
import { readCompared } from "../../../../audit/compare/compared";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const NOW = new Date("2026-11-22T15:30:00Z");

/** Days and hours of UTC, as far as the tests need them. */
const TIMES: Readonly<Record<string, string>> = {
  yesterday: "2026-11-21T00:00Z",
  today: "2026-11-22T00:00Z",
  now: "2026-11-22T15:30Z",
  "2d": "2026-11-20T15:30Z",
  "1d": "2026-11-21T15:30Z",
};

function parseTime(text: string): Date | undefined {
  const time = new Date(
    TIMES[text] ?? (/^2026-/.test(text) ? `${text.padEnd(16, "T00:00")}Z` : ""),
  );
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function compared(...words: string[]) {
  const problems: string[] = [];
  const result = readCompared(words, {
    parseRange: (since, until) => ({ since: parseTime(since), until: parseTime(until) }),
    now: NOW,
    folder: folder(),
    report: (problem) => problems.push(problem),
  });
  return { result, problems };
}

const range = (since: string, until: string) => ({
  since: new Date(`${since}Z`),
  until: new Date(`${until}Z`),
});

test.each([
  ["a day", "2026-10-31", range("2026-10-31T00:00", "2026-11-01T00:00")],
  ["yesterday", "yesterday", range("2026-11-21T00:00", "2026-11-22T00:00")],
  ["today, until now", "today", range("2026-11-22T00:00", "2026-11-22T15:30")],
  ["this date, until now", "2026-11-22", range("2026-11-22T00:00", "2026-11-22T15:30")],
  ["times", "2026-11-21T08:00..2026-11-21T12:00", range("2026-11-21T08:00", "2026-11-21T12:00")],
  ["times before now", "2d..1d", range("2026-11-20T15:30", "2026-11-21T15:30")],
])("compares %s", (_what, word, expected) => {
  const { result, problems } = compared("2026-01-01", word);
  expect(problems).toEqual([]);
  expect(result?.ranges?.after).toEqual(expected);
  expect(result?.names).toEqual({ before: "2026-01-01", after: word });
});

test("compares two folders or files, also with dots in their names", () => {
  fs.mkdirSync(path.join(folder(), "a..b"));
  expect(compared("a..b", "../..").result?.paths).toEqual({
    before: path.join(folder(), "a..b"),
    after: path.resolve(folder(), "../.."),
  });
});

test("a folder whose name is a day is one with its path only", () => {
  for (const day of ["2026-11-20", "2026-11-21"]) fs.mkdirSync(path.join(folder(), day));
  expect(compared("2026-11-20", "2026-11-21").result?.ranges).toBeDefined();
  expect(compared("./2026-11-20", "./2026-11-21").result?.paths).toBeDefined();
});

test.each([
  [[], /^--compare takes two words/],
  [["today"], /^--compare takes two words/],
  [["today", "today"], /compares a thing with itself/],
  [["2026-11-20", "."], /"2026-11-20" is a time, "\." isn't\. If .* write \.\/2026-11-20\.$/],
  [["yesterdy", "."], /"yesterdy" is neither a day .* nor a file or folder/],
  [["today", "2026-11-23"], /"2026-11-23" begins at 2026-11-23T00:00:00\.000Z, after now/],
  [["today", "1d..2d"], /"1d\.\.2d" doesn't begin before its end/],
  [["today", "2d..noon"], /"2d\.\.noon" isn't a day/],
])("refuses %j", (words, message) => {
  const { result, problems } = compared(...words);
  expect(result).toBeUndefined();
  expect(problems).toEqual([expect.stringMatching(message)]);
});
