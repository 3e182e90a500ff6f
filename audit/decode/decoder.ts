import { isObject, parseJson } from "../../common/json";
import { looksLikeCsvlog } from "../lines/log-format";
import type { DecodedLine } from "../record";
import { AzureRecordReader } from "./azure-record";
import { invalidUtf8At, jsonProblem } from "./broken-bytes";
import { type Draft, newDraft } from "./draft";
import { Findings } from "./findings";
import { MessageReader } from "./message";
import { isJsonlog, readCsvlog, readJsonlog } from "./postgres-log";
import { Timestamps } from "./time";

export interface DecoderOptions {
  /**
   * The server's log_line_prefix, tried before KNOWN_PREFIXES. Lines of csvlog and jsonlog have none.
   * @default undefined: one of KNOWN_PREFIXES
   */
  readonly logLinePrefix?: string;
  /**
   * The server's log_timezone as an IANA name, for times without UTC, GMT or an offset; without it a line with such a
   * time is broken. Azure's times are in UTC.
   * @default undefined
   */
  readonly timeZone?: string;
}

const NOTHING: readonly DecodedLine[] = [];
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Decodes lines of the trail: Azure Monitor's records of PostgreSQLLogs, one per line or in an envelope
 * `{"records":[...]}`, and PostgreSQL's jsonlog and csvlog. Each line is decoded independently.
 */
export class Decoder {
  readonly findings: Findings;
  private readonly times: Timestamps;
  private readonly messages = new MessageReader();
  private readonly azure: AzureRecordReader;

  /** @throws UserError if the time zone isn't one */
  constructor({ logLinePrefix, timeZone }: DecoderOptions = {}) {
    this.findings = new Findings(logLinePrefix);
    this.times = new Timestamps(timeZone);
    this.azure = new AzureRecordReader(logLinePrefix, this.times, this.messages, this.findings);
  }

  /**
   * Decodes one line, or one row of csvlog, which may contain line ends.
   * @param line without its line end; the records don't refer to its memory
   * @param fileOffset where it begins in the file, in bytes
   * @returns no element for an empty line; several from an envelope
   */
  decode(line: Buffer, file: string, fileOffset: number): readonly DecodedLine[] {
    const end = line[line.length - 1] === CARRIAGE_RETURN ? line.length - 1 : line.length;
    if (end === 0) return NOTHING;
    let text = line.toString("utf8", 0, end);
    if (text.includes("\ufffd")) {
      const at = invalidUtf8At(line, text);
      if (at !== undefined) {
        return broken(line, file, fileOffset, `it isn't UTF-8 from byte ${at} of the line on`);
      }
    }
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
    const draft = newDraft(file, fileOffset);
    let problem: string | undefined;
    if (looksLikeCsvlog(text)) problem = readCsvlog(text, this.times, this.messages, draft);
    else {
      const value = parseJson(text);
      if (value === undefined) {
        if (text.trim() === "") return NOTHING;
        return broken(line, file, fileOffset, jsonProblem(line, text));
      }
      if (isEnvelope(value)) return this.decodeEnvelope(value.records, line, file, fileOffset);
      problem = this.readObject(value, draft);
    }
    if (problem !== undefined) return broken(line, file, fileOffset, problem);
    this.findings.countObject(draft);
    return [{ record: draft }];
  }

  private decodeEnvelope(
    records: readonly unknown[],
    line: Buffer,
    file: string,
    fileOffset: number,
  ): readonly DecodedLine[] {
    return records.flatMap((value, index) => {
      const draft = newDraft(file, fileOffset);
      const problem = this.readObject(value, draft);
      if (problem === undefined) {
        this.findings.countObject(draft);
        return [{ record: draft }];
      }
      const reason = `record ${index + 1} of ${records.length}: ${problem}`;
      return broken(line, file, fileOffset, reason);
    });
  }

  /** @returns what is wrong with the object, or undefined */
  private readObject(value: unknown, draft: Draft): string | undefined {
    if (!isObject(value)) return "it is JSON, but not an object";
    if (isObject(value.properties)) return this.azure.read(value, value.properties, draft);
    if (isJsonlog(value)) return readJsonlog(value, this.times, this.messages, draft);
    return "it is neither a record of Azure Monitor's, with properties, nor a line of jsonlog";
  }
}

const broken = (
  line: Buffer,
  file: string,
  fileOffset: number,
  reason: string,
): readonly DecodedLine[] => [
  { broken: { file, file_offset: fileOffset, length_bytes: line.length, reason } },
];

const isEnvelope = (value: unknown): value is { readonly records: readonly unknown[] } =>
  isObject(value) && !("properties" in value) && Array.isArray(value.records);
