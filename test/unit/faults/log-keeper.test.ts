import { wholeLines } from "../../faults/log-keeper";

const LINE = '{"timestamp":"2026-11-29 18:00:00.123 UTC","message":"quoted {\\"timestamp\\":\\"x"}';

test.each([
  ["whole lines", `${LINE}\n${LINE}\n`, 2],
  ["none of an unfinished line", `${LINE}\n${LINE.slice(0, 40)}`, 1],
  ["the line behind half a line", `${LINE.slice(0, 40)}${LINE}\n${LINE}\n`, 2],
  ["none of half a line", `${LINE.slice(0, 40)}\n`, 0],
])("the kept log has %s", (_, text, count) => {
  expect(wholeLines(text)).toEqual(Array(count).fill(JSON.parse(LINE)));
});
