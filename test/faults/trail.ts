import { setTimeout as delay } from "node:timers/promises";
import { parseJson } from "../../common/json";
import { type JsonLogLine } from "../../local/backends/log-shipper/log-line-prefix";
import { StorageBackend } from "../../local/backends/storage-accounts";
import { type LabSettings } from "../../local/azure/settings";
import { type LabPaths } from "../../local/paths";
import { compareTrail, type Comparison, type TrailRecord } from "./compare";

const CONTAINER = "insights-logs-postgresqllogs";
/** Without a further record, what is missing doesn't come any more. */
const PATIENCE_SECONDS = 45;
const POLL_MILLISECONDS = 1000;

/** The records of an account's blobs, read from Azurite with the account's key. */
export async function blobRecords(
  paths: LabPaths,
  settings: LabSettings,
  account: string,
): Promise<TrailRecord[]> {
  const tls = { key: "", cert: "" };
  const storage = new StorageBackend({ paths, port: settings.ports.blob, tls });
  const container = storage.client(account).getContainerClient(CONTAINER);
  if (!(await container.exists())) return [];
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  const texts: string[] = [];
  for (const name of names.sort()) {
    texts.push((await container.getBlobClient(name).downloadToBuffer()).toString());
  }
  return texts.flatMap(parseRecords);
}

/** A text that is no record counts as one of no line. */
export const parseRecords = (text: string): TrailRecord[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (parseJson(line) as TrailRecord | undefined) ?? noRecord(line));

const noRecord = (message: string): TrailRecord => ({
  properties: { timestamp: "", processId: 0, errorLevel: "", sqlerrcode: "", message },
});

/** The comparison once nothing is missing, or once no further record comes. */
export async function settledComparison(
  lines: () => readonly JsonLogLine[],
  records: () => Promise<readonly TrailRecord[]>,
  from: number,
  isDelivered: (line: JsonLogLine) => boolean,
): Promise<Comparison> {
  let quietSince = Date.now();
  let count = -1;
  for (;;) {
    // The records first: a line that is logged between the two reads is missing until the next round.
    const found = await records();
    const comparison = compareTrail(lines(), found, from, isDelivered);
    if (comparison.lost.length === 0 && comparison.expected > 0) return comparison;
    if (found.length !== count) quietSince = Date.now();
    count = found.length;
    if (Date.now() - quietSince > PATIENCE_SECONDS * 1000) return comparison;
    await delay(POLL_MILLISECONDS);
  }
}

/** Confirmed statements that the server's log doesn't contain. */
export function unlogged(
  acknowledged: readonly string[],
  lines: readonly JsonLogLine[],
): readonly string[] {
  const logged = new Set(
    lines.flatMap(({ message }) => /SELECT 'fault-matrix [\d. ]+'/.exec(message)?.[0] ?? []),
  );
  return acknowledged.filter((text) => !logged.has(text));
}
