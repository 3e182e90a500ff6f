import * as fs from "node:fs";
import * as path from "node:path";
import { readTrail } from "../../../../audit/read-trail";
import type { TimeRange } from "../../../../audit/select/time-range";
import type { Source } from "../../../../audit/sources/source";
import { tempFolder } from "../../support/temp-folder";
import { azureLine } from "../azure-lines";
import { CollectingOutput } from "../collecting-output";

export const SERVER = "resourceId=/SUBSCRIPTIONS/S/FLEXIBLESERVERS/PG1";
export const OTHER_SERVER = "resourceId=/SUBSCRIPTIONS/S/FLEXIBLESERVERS/PG2";

export const blob = (hour: string, server = SERVER) =>
  `${server}/y=2026/m=11/d=22/h=${hour}/m=00/PT1H.json`;
export const line = (message: string, timestamp = "2026-11-22 15:30:00.000 UTC") =>
  azureLine({ message, timestamp });

/** A folder of the trail for each test, and a function that writes files in it. */
export function trailFolder() {
  const folder = tempFolder();
  const write = (file: string, content: string | Buffer, append = false): string => {
    const whole = path.join(folder(), file);
    fs.mkdirSync(path.dirname(whole), { recursive: true });
    fs.writeFileSync(whole, content, { flag: append ? "a" : "w" });
    return whole;
  };
  return { folder, write };
}

/** The messages of all records. */
export async function messages(source: Source, range: TimeRange = {}): Promise<(string | null)[]> {
  const output = new CollectingOutput();
  const { signal } = new AbortController();
  const selection = { range: {}, filters: {}, decoder: {} };
  // The range prunes files here; records are filtered elsewhere.
  const pruned: Source = { ...source, description: "", read: (_, on) => source.read(range, on) };
  await readTrail({ source: pruned, selection, output, signal });
  return output.records.map(({ message }) => message);
}
