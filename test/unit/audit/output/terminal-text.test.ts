import fc from "fast-check";
import {
  cutToWidth,
  fitToWidth,
  oneLine,
  terminalText,
  textWidth,
} from "../../../../audit/output/terminal-text";

test.each([
  ["\x1b[2J\x07", "\\x1b[2J\\x07", "escape sequences and the bell"],
  ["a\x9b31m", "a\\x9b31m", "C1's one-character CSI"],
  ["x\u202ey", "x\\u202ey", "text that turns its direction"],
  ["a\u200bb\ufeff", "a\\u200bb\\ufeff", "characters without a width"],
  ["\ud800", "\\ud800", "half a surrogate pair"],
  ["\u{e0041}", "\\u{e0041}", "invisible tags"],
  ["é 客户 👩‍👩‍👧", "é 客户 👩‍👩‍👧", "text of any script stays"],
])("%j becomes %s: %s", (text, expected) => {
  expect(terminalText(text)).toBe(expected);
});

test("space between words becomes one, and the line has no line ends", () => {
  expect(oneLine("  SELECT *\r\n\t FROM a\u2028b \n")).toBe("SELECT * FROM a b");
});

test.each([
  ["abc", 3],
  ["客户", 4],
  ["e\u0301", 1],
  ["👩‍👩‍👧", 2],
  ["\u1112\u1161\u11ab", 2],
  ["कि", 2],
])("%s takes %d columns", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test("what is too long ends with an ellipsis within the width", () => {
  expect(cutToWidth("abcdef", 6)).toBe("abcdef");
  expect(cutToWidth("abcdefg", 6)).toBe("abcde…");
  expect(cutToWidth("客户客户", 5)).toBe("客户…");
  expect(cutToWidth("客户客户", 4)).toBe("客…");
  expect(fitToWidth("客户客户", 4)).toBe("客… ");
});

test("any text fits exactly", () => {
  const width = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), width, (text, columns) => {
      expect(textWidth(fitToWidth(terminalText(text), columns))).toBe(columns);
    }),
  );
});
