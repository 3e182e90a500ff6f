import { Decoder, type DecoderOptions } from "../decode/decoder";
import type { LogRecord } from "../record";

/** A prefix isn't longer. */
const MAX_PREFIX_LENGTH = 2000;
/** The message begins within these bytes, also if other properties precede it. */
const MAX_HEAD_BYTES = 64 * 1024;
const ESCAPE_LENGTH = 6;

/** Reads session and number of a broken line, if its beginning is whole: a line that was cut off isn't missing. */
export class BrokenRecordReader {
  private readonly decoder: Decoder;

  constructor(options: DecoderOptions) {
    this.decoder = new Decoder(options);
  }

  /** @returns undefined if the line's session or number can't be read */
  read(line: Buffer, file: string, fileOffset: number): LogRecord | undefined {
    const head = line.toString("utf8", 0, MAX_HEAD_BYTES);
    // Which of several records is broken isn't known.
    if (/^\s*\{\s*"records"/.test(head)) return undefined;
    const repaired = head.includes('"properties"') ? azureHead(head) : jsonlogHead(head);
    if (repaired === undefined) return undefined;
    const bytes = Buffer.from(JSON.stringify(repaired));
    const record = this.decoder.decode(bytes, file, fileOffset)[0]?.record;
    return record === undefined || record.session_line_num === null ? undefined : record;
  }
}

/** A whole record with the same prefix, whose message is empty if it was an entry of pgAudit's. */
function azureHead(head: string): object | undefined {
  const [, rest] = /"message"\s*:\s*"([^]*)/.exec(head) ?? [];
  const text = rest === undefined ? undefined : stringStart(rest.slice(0, MAX_PREFIX_LENGTH));
  if (text === undefined) return undefined;
  const resourceId = textOf(head, "resourceId");
  const processId = numberOf(head, "processId");
  return {
    properties: {
      message: text.replace(/AUDIT: (?:SESSION|OBJECT),[^]*/, ""),
      timestamp: textOf(head, "timestamp"),
      errorLevel: textOf(head, "errorLevel"),
      ...(processId === undefined ? {} : { processId }),
    },
    ...(resourceId === undefined ? {} : { resourceId }),
  };
}

function jsonlogHead(head: string): object | undefined {
  const [timestamp, session_id] = [textOf(head, "timestamp"), textOf(head, "session_id")];
  const line_num = numberOf(head, "line_num");
  if (timestamp === undefined || session_id === undefined) return undefined;
  return { timestamp, session_id, line_num, error_severity: "LOG", message: "" };
}

/** The text of a JSON string up to its end, or to where it was cut off. */
function stringStart(json: string): string | undefined {
  const [whole = ""] = /^(?:[^"\\\u0000-\u001f]|\\[^])*/.exec(json) ?? [];
  for (let cut = 0; cut <= ESCAPE_LENGTH; cut++) {
    try {
      return JSON.parse(`"${whole.slice(0, whole.length - cut)}"`) as string;
    } catch {
      // The text ends within an escape.
    }
  }
  return undefined;
}

const textOf = (json: string, key: string): string | undefined =>
  new RegExp(`"${key}"\\s*:\\s*"([^"\\\\]*)"`).exec(json)?.[1];

function numberOf(json: string, key: string): number | undefined {
  const [, digits] = new RegExp(`"${key}"\\s*:\\s*(\\d+)`).exec(json) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
