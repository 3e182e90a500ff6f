import * as fc from "fast-check";
import { jsonErrorAt } from "../../../../audit/decode/broken-bytes";
import { azureLine, broken, PREFIX, record } from "./decoding";

const whole = azureLine(`${PREFIX}LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 'é',<none>`);

describe("a broken line says what is wrong, and where", () => {
  const bytes = Buffer.from(whole);

  test.each<[string, Buffer | string, string]>([
    ["cut off", bytes.subarray(0, 200), "it is cut off after 200 bytes"],
    ["cut in a character", bytes.subarray(0, bytes.indexOf("é") + 1), "it isn't UTF-8 from byte"],
    ["not JSON", "2026-11-22 hello", "it isn't JSON from byte 4"],
    ["JSON with more after it", `${whole}{}`, `it isn't JSON from byte ${bytes.length} `],
    ["a mistake after a character of two bytes", '{"é": nil}', "it isn't JSON from byte 7 "],
    ["no object", "[1]", "it is JSON, but not an object"],
    ["null", "null", "it is JSON, but not an object"],
    ["another object", '{"a":1}', "neither a record of Azure Monitor's"],
    ["no message", '{"properties":{}}', "it has no properties.message"],
    [
      "a torn append",
      Buffer.concat([bytes.subarray(0, 50), Buffer.alloc(30)]),
      "it contains 30 NUL bytes, the first at byte 50",
    ],
    [
      "an invalid time",
      azureLine("LOG:  x", { timestamp: "yesterday" }).replace('"time"', '"then"'),
      'its time is invalid: "yesterday"',
    ],
  ])("%s", (_what, line, reason) => {
    expect(broken(line).reason).toContain(reason);
  });

  test("a replacement character that the line itself contains is not an error", () => {
    expect(record(whole.replace("é", "\ufffd")).statement).toBe("SELECT '\ufffd'");
    const both = Buffer.from(whole.replace("é", "\ufffd é"));
    both[both.indexOf("é")] = 0xff;
    expect(broken(both).reason).toBe(
      `it isn't UTF-8 from byte ${both.indexOf(0xff)} of the line on`,
    );
  });

  test("the reason contains nothing of the statement", () => {
    expect(broken(whole.slice(0, -3)).reason).not.toMatch(/SELECT|alice/);
  });
});

describe("the place of a mistake in JSON", () => {
  test("is the end of a text that is only cut, wherever that is", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (json, place) => {
        const text = `{"a":${json}}`;
        const cut = text.slice(0, place % text.length);
        expect(jsonErrorAt(cut)).toBe(cut.length);
      }),
      { numRuns: 500 },
    );
  });

  test("is the first character that no JSON has there", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom(...'{}[]:,"\\x0\n'),
        (json, place, other) => {
          const at = place % json.length;
          const text = json.slice(0, at) + other + json.slice(at + 1);
          const mistake = jsonErrorAt(text);
          // The text before the error is incomplete, but has no error.
          expect(jsonErrorAt(text.slice(0, mistake))).toBe(mistake);
        },
      ),
      { numRuns: 1000 },
    );
    for (const [text, at] of [
      ['{"a" 1}', 5],
      ['{"a":1,}', 7],
      ["{a:1}", 1],
      ['{"a":"\\x"}', 6],
      ['{"a":"\n"}', 6],
      ['["a",]', 5],
      ["[1 2]", 3],
      ["{} {}", 3],
      ["[nul]", 1],
      ["[01]", 2],
      ["}", 0],
    ] as const) {
      expect([text, jsonErrorAt(text)]).toEqual([text, at]);
    }
  });
});
