import type { Draft } from "./draft";
import type { Findings } from "./findings";
import type { MessageReader } from "./message";
import { type PrefixEnd, PrefixReader } from "./prefix-reader";
import { timeProblem, type Timestamps } from "./time";

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads Azure Monitor's records of the category PostgreSQLLogs, as archived in a storage account (`time`, `location`,
 * `properties.detail` and `backend_type` in newer ones only) and as sent through Event Hubs (with LogicalServerName;
 * properties without timestamp and processId).
 * Source: public samples of PT1H.json and of Event Hubs' messages, 2022 to 2024.
 */
export class AzureRecordReader {
  private readonly prefixes: PrefixReader;
  private resourceId = "";
  private server = "";

  constructor(
    logLinePrefix: string | undefined,
    private readonly times: Timestamps,
    private readonly messages: MessageReader,
    findings: Findings,
  ) {
    this.prefixes = new PrefixReader(logLinePrefix, findings);
  }

  /** @returns what is wrong with the record, or undefined */
  read(record: Json, properties: Json, draft: Draft): string | undefined {
    const message = properties.message;
    if (typeof message !== "string") return missingMessage(record);
    draft.server = this.serverOf(record);
    draft.process_id = integer(properties.processId);
    draft.error_severity = text(properties.errorLevel);
    draft.sql_state_code = text(properties.sqlerrcode);
    draft.backend_type = text(properties.backend_type);
    draft.detail = text(properties.detail);
    const { timestamp } = properties;
    const time = typeof timestamp === "string" ? this.times.fromPostgres(timestamp) : undefined;
    if (time !== undefined) draft.time = time;
    const line = withPrefix(message, properties.prefix, draft.error_severity);
    const prefix = this.prefixes.read(line, time === undefined, draft);
    const problem =
      time === undefined ? this.readTime(timestamp, prefix, record.time, draft) : undefined;
    if (problem !== undefined) return problem;
    return prefix.messageStart < 0
      ? this.messages.keep(line, draft)
      : this.messages.read(line, prefix.messageStart, true, draft);
  }

  /** Without properties.timestamp, the prefix's time precedes `time`: Event Hubs sets that when it gets the record. */
  private readTime(
    timestamp: unknown,
    { timestamp: written, epochSeconds }: PrefixEnd,
    time: unknown,
    draft: Draft,
  ): string | undefined {
    const iso =
      (epochSeconds === null ? undefined : this.times.fromEpochSeconds(epochSeconds)) ??
      (written === null ? undefined : this.times.fromPostgres(written)) ??
      (typeof time === "string" ? this.times.fromIso(time) : undefined);
    if (iso === undefined) {
      if (typeof timestamp === "string") return timeProblem(timestamp);
      if (written !== null) return timeProblem(written);
      return "it has no time: neither properties.timestamp nor time, and none in its prefix";
    }
    draft.time = iso;
    return undefined;
  }

  private serverOf({ resourceId, LogicalServerName: name }: Json): string | null {
    if (typeof resourceId === "string" && resourceId !== "") {
      if (resourceId !== this.resourceId) {
        this.resourceId = resourceId;
        this.server = resourceId.slice(resourceId.lastIndexOf("/") + 1).toLowerCase();
      }
      return this.server;
    }
    return text(name)?.toLowerCase() ?? null;
  }
}

/** Records of single servers contain the prefix as another property, and the message has no severity. */
function withPrefix(message: string, prefix: unknown, severity: string | null): string {
  if (typeof prefix !== "string" || prefix === "") return message;
  return `${prefix}${severity ?? "LOG"}:  ${message}`;
}

function missingMessage({ category }: Json): string {
  return typeof category === "string" && category !== "PostgreSQLLogs"
    ? `it is of the category ${category}, not PostgreSQLLogs, and has no properties.message`
    : "it has no properties.message";
}

const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;

function integer(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return Number.isInteger(number) ? (number as number) : null;
}
