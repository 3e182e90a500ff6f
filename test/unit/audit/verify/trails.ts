import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { LineNumbers } from "../../../../local/backends/log-shipper/line-numbers";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { azureRecord } from "../../../../local/backends/log-shipper/record";
import { Decoder, type DecoderOptions } from "../../../../audit/decode/decoder";
import type { DecodedLine } from "../../../../audit/record";
import { type TrailReport, TrailCheck } from "../../../../audit/verify/trail-check";
import { fixtureLines } from "../decode/decoding";

/** The captured log of a real server: a JSON line per message, numbered as in its plain log. */
export function capturedLines(): JsonLogLine[] {
  const numbers = new LineNumbers();
  return fixtureLines("trail.jsonlog").map((text) =>
    numbers.number(JSON.parse(text) as JsonLogLine),
  );
}

export interface Form {
  /** @default "pg1" */
  readonly server?: string;
  /** @default the stack's */
  readonly prefix?: string;
}

/** A line as Azure's record. */
export const azure = (line: JsonLogLine, { server = "pg1", prefix }: Form = {}): string =>
  azureRecord(line, {
    resourceId: `/subscriptions/0/flexibleServers/${server}`,
    ...{ location: "westeurope", logLinePrefix: prefix ?? LOG_LINE_PREFIX },
  });

/** Files by name, each with its lines. */
export type Files = Readonly<Record<string, readonly string[]>>;

export type Trail = readonly string[] | Files;

interface ReadLine {
  readonly bytes: Buffer;
  readonly decoded: readonly DecodedLine[];
}

/** The lines of files that are read one after the other. */
export function readLines(trail: Trail, options: DecoderOptions = {}): ReadLine[] {
  const files = (Array.isArray(trail) ? { "PT1H.json": trail } : trail) as Files;
  const decoder = new Decoder(options);
  return Object.entries(files).flatMap(([file, lines]) => {
    let offset = 0;
    return lines.map((text) => {
      const bytes = Buffer.from(text);
      const decoded = decoder.decode(bytes, file, offset);
      offset += bytes.length + 1;
      return { bytes, decoded };
    });
  });
}

export function checkLines(lines: readonly ReadLine[]): TrailReport {
  const check = new TrailCheck();
  for (const { bytes, decoded } of lines) {
    for (const { record, broken } of decoded) {
      if (record) check.add(record, bytes);
      else check.addBroken(broken, bytes);
    }
  }
  return check.report();
}

export const check = (trail: Trail): TrailReport => checkLines(readLines(trail));
