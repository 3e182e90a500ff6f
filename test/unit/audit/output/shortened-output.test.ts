import { FirstRecords, LastRecords } from "../../../../audit/output/shortened-output";
import { newTally } from "../../../../audit/output/tally";
import { CollectingOutput } from "../collecting-output";
import { logRecord } from "../records";

function write(output: FirstRecords | LastRecords, count: number): void {
  for (let index = 0; index < count; index++) {
    // Its memory is used again.
    const line = Buffer.from(String(index));
    output.write(logRecord({ ambiguous: index === 0 ? "names" : null }), line);
    line.fill("#");
  }
}

test("--limit passes on the first records, counts these, and closes", async () => {
  const whole = new CollectingOutput();
  const first = new FirstRecords(whole, 3);
  write(first, 2);
  expect(first.closed).toBe(false);
  write(first, 5);
  expect(first.closed).toBe(true);
  const tally = { ...newTally(), shown: 7, ambiguous: 2, filtered: 9 };
  await first.end(tally);
  expect(whole.lines).toEqual(["0", "1", "0"]);
  expect(tally).toMatchObject({ shown: 3, ambiguous: 2, filtered: 9 });
});

test("a closed output stays closed before --limit is reached", () => {
  const first = new FirstRecords(new CollectingOutput(1), 3);
  write(first, 1);
  expect(first.closed).toBe(true);
});

test.each([
  [3, ["5", "6", "7"], "these are the last 3 of 8 records"],
  [8, ["0", "1", "2", "3", "4", "5", "6", "7"], undefined],
  [99, ["0", "1", "2", "3", "4", "5", "6", "7"], undefined],
])("--tail %d passes on the last records at the end", async (size, lines, notice) => {
  const whole = new CollectingOutput();
  const last = new LastRecords(whole, size);
  write(last, 8);
  expect(whole.lines).toEqual([]);
  const tally = { ...newTally(), shown: 8, ambiguous: 1 };
  await last.end(tally);
  expect(whole.lines).toEqual(lines);
  expect(whole.tally).toMatchObject({ shown: lines.length, ambiguous: size === 3 ? 0 : 1 });
  expect(last.notice).toBe(notice);
  expect(whole.mostAtOnce).toBe(1);
});
