import { epochMilliseconds, type JsonLogLine, renderLogLinePrefix } from "./log-line-prefix";

export interface RecordContext {
  /** The server's resource id; Azure writes it in upper case. */
  readonly resourceId: string;
  readonly location: string;
  /** The server's log_line_prefix. */
  readonly logLinePrefix: string;
}

/**
 * A log line in Azure Monitor's format; the message contains the prefix and the level.
 * Source: public samples of PT1H.json, 2022 to 2024.
 */
export function azureRecord(line: JsonLogLine, context: RecordContext): string {
  const prefix = renderLogLinePrefix(context.logLinePrefix, line);
  const sqlState = line.state_code ?? "00000";
  // Only with log_error_verbosity `verbose`. Source: PostgreSQL 15, elog.c, send_message_to_server_log.
  const shownState = line.file_name === undefined ? "" : `${sqlState}: `;
  return JSON.stringify({
    properties: {
      timestamp: line.timestamp,
      processId: line.pid,
      errorLevel: line.error_severity,
      sqlerrcode: sqlState,
      message: `${prefix}${line.error_severity}:  ${shownState}${line.message}`,
      ...(line.detail === undefined ? {} : { detail: line.detail }),
      ...(line.backend_type === undefined ? {} : { backend_type: line.backend_type }),
    },
    time: new Date(epochMilliseconds(line.timestamp)).toISOString(),
    resourceId: context.resourceId.toUpperCase(),
    location: context.location,
    category: "PostgreSQLLogs",
    operationName: "LogEvent",
  });
}

/** The blob for the hour of a line. Source: Azure Monitor, "Send to Azure Storage", blob names. */
export function blobName(resourceId: string, timestamp: string): string {
  return `resourceId=${resourceId.toUpperCase()}/${hourName(epochMilliseconds(timestamp))}`;
}

/**
 * The blob of the hour after a blob's. A record of 10:59 may be in the blob of 11: Azure stores a record under the hour in
 * which it was received (same source), so each reader looks there too.
 */
export function nextBlobName(blob: string): string {
  const [, resource = "", year, month, day, hour] =
    /^(.*)\/y=(\d+)\/m=(\d+)\/d=(\d+)\/h=(\d+)\/m=00\/PT1H\.json$/.exec(blob) ?? [];
  const start = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour));
  return `${resource}/${hourName(start + 3_600_000)}`;
}

function hourName(milliseconds: number): string {
  const [year, month, day, hour] = new Date(milliseconds).toISOString().split(/[-T:]/);
  return `y=${year}/m=${month}/d=${day}/h=${hour}/m=00/PT1H.json`;
}
