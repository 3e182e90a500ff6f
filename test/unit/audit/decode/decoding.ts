import * as fs from "node:fs";
import * as path from "node:path";
import { Decoder, type DecoderOptions } from "../../../../audit/decode/decoder";
import { rowEnd } from "../../../../audit/lines/log-format";
import { type BrokenLine, type DecodedLine, type LogRecord } from "../../../../audit/record";

export const FILE = "y=2026/m=11/d=22/h=19/m=00/PT1H.json";

export const fixture = (name: string): Buffer =>
  fs.readFileSync(path.join(__dirname, "fixtures", name));

/** Lines of a fixture with a JSON object a line. */
export const fixtureLines = (name: string): string[] =>
  fixture(name).toString().trimEnd().split("\n");

/** Rows of a csvlog file, as the reader takes it apart. */
export function csvlogRows(bytes: Buffer): Buffer[] {
  const rows: Buffer[] = [];
  let from = 0;
  for (;;) {
    const end = rowEnd(bytes, from, true);
    if (end < 0) return from < bytes.length ? [...rows, bytes.subarray(from)] : rows;
    rows.push(bytes.subarray(from, end));
    from = end + 1;
  }
}

export function decode(
  line: string | Buffer,
  options?: DecoderOptions,
  decoder = new Decoder(options),
): readonly DecodedLine[] {
  return decoder.decode(typeof line === "string" ? Buffer.from(line) : line, FILE, 100);
}

/** The one record of a line that is whole. */
export function record(
  line: string | Buffer,
  options?: DecoderOptions,
  decoder?: Decoder,
): LogRecord {
  const [first, ...others] = decode(line, options, decoder);
  if (first?.record === undefined || others.length > 0) {
    throw new Error(`Not one record: ${JSON.stringify([first, ...others])}`);
  }
  return first.record;
}

/** What is said of a broken line. */
export function broken(line: string | Buffer, options?: DecoderOptions): BrokenLine {
  const [first, ...others] = decode(line, options);
  if (first?.broken === undefined || others.length > 0) {
    throw new Error(`Not one broken line: ${JSON.stringify([first, ...others])}`);
  }
  return first.broken;
}

/** A record of Azure's with this message. */
export const azureLine = (
  message: string,
  properties: Readonly<Record<string, unknown>> = {},
): string =>
  JSON.stringify({
    properties: {
      timestamp: "2026-11-22 19:24:35.684 UTC",
      processId: 4940,
      errorLevel: "LOG",
      sqlerrcode: "00000",
      message,
      ...properties,
    },
    time: "2026-11-22T19:24:35.684Z",
    resourceId:
      "/SUBSCRIPTIONS/0/RESOURCEGROUPS/LAB/PROVIDERS/MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/LABPG",
    category: "PostgreSQLLogs",
    operationName: "LogEvent",
  });

/** The stack's prefix, of a session of alice's. */
export const PREFIX =
  "2026-11-22 19:24:35 UTC 4940 5-1 6741d2a3.134c 2026-11-22 19:24:30 UTC db-postgres,user-alice,app-psql,client-10.0.0.4 ";
