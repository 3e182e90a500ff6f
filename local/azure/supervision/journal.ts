import * as fs from "node:fs";
import * as path from "node:path";
import { readFileIfExists, writeFile } from "../../../common/files";
import { parseJson } from "../../../common/json";
import { type LabPaths } from "../../paths";
import { type PartEvent, type PartReport } from "./part";

/** The journal is cut to the newest half when it grows past this. */
const MOST_BYTES = 256 * 1024;

/** What happened to the parts, one JSON object per line. */
export const journalFile = (paths: LabPaths): string => path.join(paths.logs, "events.jsonl");

/** Adds an event to the journal. */
export function recordEvent(paths: LabPaths, event: PartEvent): void {
  const file = journalFile(paths);
  fs.mkdirSync(paths.logs, { recursive: true });
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) {
    const lines = fs.readFileSync(file, "utf8").split("\n");
    writeFile(file, lines.slice(lines.length / 2).join("\n"), 0o600);
  }
  fs.appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
}

/** The journal's events, oldest first. */
export function readEvents(paths: LabPaths): PartEvent[] {
  const lines = (readFileIfExists(journalFile(paths)) ?? "").split("\n");
  // The last line is incomplete where a process was killed while it wrote.
  return lines.flatMap((line) => (parseJson(line) as PartEvent | undefined) ?? []);
}

/** The supervisor's view of the parts; valid only while local Azure runs. */
const reportsFile = (paths: LabPaths): string => path.join(paths.run, "parts.json");

export function writeReports(paths: LabPaths, reports: readonly PartReport[]): void {
  writeFile(reportsFile(paths), JSON.stringify(reports), 0o600);
}

export function readReports(paths: LabPaths): PartReport[] {
  return (parseJson(readFileIfExists(reportsFile(paths)) ?? "") as PartReport[] | undefined) ?? [];
}
