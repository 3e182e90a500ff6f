import { newTally, tallyLines } from "../../../../audit/output/tally";

test("says what was shown alone where nothing was left out", () => {
  expect(tallyLines({ ...newTally(), shown: 1 })).toEqual(["1 record"]);
});

test("says what was left out and why, and the first broken lines with their places", () => {
  const brokenLines = Array.from({ length: 12 }, (_, index) => ({
    file: "PT1H.json",
    file_offset: index * 1000,
    length_bytes: 1,
    reason: "it isn't\n JSON \x1b[2J",
  }));
  const lines = tallyLines({
    ...newTally(),
    shown: 1234,
    filtered: 9,
    system: 56,
    repeated: 7,
    broken: 2000,
    unreadable: 2,
    brokenLines,
  });
  expect(lines[0]).toBe(
    "1,234 records; 9 left out by the filters; 56 of Azure's own sessions hidden (--system shows them); 7 repeated ones dropped; 2 files not or not fully read; 2,000 broken lines:",
  );
  expect(lines[2]).toBe("  PT1H.json, byte 1000, 1 byte: it isn't JSON \\x1b[2J");
  expect(lines.slice(11)).toEqual(["  and 1,990 more"]);
});

test("says last after how many records the reading stopped early, whether or not they were shown", () => {
  const tally = { ...newTally(), shown: 2, filtered: 1000, system: 1, stoppedEarly: true };
  expect(tallyLines(tally).at(-1)).toBe("stopped early after 1,003 records");
});
