import type { Draft } from "./draft";
import type { Findings } from "./findings";
import type { MessageReader } from "./message";
import { type PrefixEnd, PrefixReader } from "./prefix-reader";
import { isSameSecond, timeProblem, type Timestamps } from "./time";

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
    private readonly findings: Findings,
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
    const line = withPrefix(message, properties.prefix, draft.error_severity);
    const prefix = this.prefixes.read(line, draft);
    const problem = this.readTime(prefix, properties.timestamp, draft);
    if (problem !== undefined) return problem;
    return prefix.messageStart < 0
      ? this.messages.keep(line, draft)
      : this.messages.read(line, prefix.messageStart, true, draft);
  }

  /**
   * Sets the time that PostgreSQL wrote into the prefix, otherwise properties.timestamp; of a prefix without milliseconds
   * and a property that agrees, the property. The record's `time` isn't used: through Event Hubs it is the time of arrival.
   */
  private readTime(
    { timestamp: written, epochSeconds }: PrefixEnd,
    property: unknown,
    draft: Draft,
  ): string | undefined {
    const timestamp = typeof property === "string" ? property : null;
    const fromProperty = timestamp === null ? undefined : this.times.fromPostgres(timestamp);
    if (fromProperty !== undefined && written !== null && isSameSecond(written, timestamp ?? "")) {
      draft.time = fromProperty;
      return undefined;
    }
    const fromPrefix =
      (epochSeconds === null ? undefined : this.times.fromEpochSeconds(epochSeconds)) ??
      (written === null ? undefined : this.times.fromPostgres(written));
    const isSame =
      fromProperty !== undefined &&
      fromPrefix !== undefined &&
      written?.includes(".") === false &&
      Math.abs(Date.parse(fromPrefix) - Date.parse(fromProperty)) <= COARSE_MILLISECONDS;
    const time = isSame ? fromProperty : (fromPrefix ?? fromProperty);
    if (time === undefined) {
      const text = written ?? timestamp;
      return text === null
        ? "it has no time: neither its prefix nor properties.timestamp"
        : timeProblem(text);
    }
    draft.time = time;
    if (fromPrefix !== undefined && fromProperty !== undefined) {
      this.findings.compareTimes(fromPrefix, fromProperty, draft);
    } else if (fromPrefix === undefined && written !== null) {
      this.findings.countInvalidTime(written, draft);
    } else if (fromProperty === undefined && timestamp !== null) {
      this.findings.countInvalidTime(timestamp, draft);
    }
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

/**
 * PostgreSQL takes %t from time(2), whose clock ticks up to some milliseconds later than that of other timestamps, and
 * before the line is written. Source: PostgreSQL 15, elog.c, log_line_prefix.
 */
const COARSE_MILLISECONDS = 2000;

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
