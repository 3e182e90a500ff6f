import * as fs from "node:fs";
import {
  journalFile,
  readEvents,
  readReports,
  recordEvent,
} from "../../../../local/azure/supervision/journal";
import { type PartEvent } from "../../../../local/azure/supervision/part";
import { LabPaths } from "../../../../local/paths";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const paths = () => new LabPaths(folder());
const event = (text: string): PartEvent => ({
  time: new Date().toISOString(),
  part: "Azurite",
  state: "ready",
  text,
});

test("the journal keeps the newest events, and stays small", () => {
  for (let count = 0; count < 5000; count++) recordEvent(paths(), event(`is up ${count}`));
  const texts = readEvents(paths()).map(({ text }) => text);
  expect(texts.at(-1)).toBe("is up 4999");
  expect(texts.length).toBeGreaterThan(500);
  expect(fs.statSync(journalFile(paths())).size).toBeLessThan(300 * 1024);
});

test("a line that a killed process left incomplete is passed over", () => {
  recordEvent(paths(), event("is up"));
  fs.appendFileSync(journalFile(paths()), '{"time":"2026-\n');
  recordEvent(paths(), event("is up again after 2 s"));
  expect(readEvents(paths()).map(({ text }) => text)).toEqual(["is up", "is up again after 2 s"]);
});

test("there are no events and no reports in a new lab", () => {
  expect([readEvents(paths()), readReports(paths())]).toEqual([[], []]);
});
