import { epochMilliseconds, type JsonLogLine, renderLogLinePrefix } from "./log-line-prefix";

export interface RecordContext {
  /** The server's resource id; Azure writes it in capitals. */
  readonly resourceId: string;
  readonly location: string;
  /** The server's log_line_prefix. */
  readonly logLinePrefix: string;
}

/**
 * A line of the log as Azure Monitor stores it: the message keeps the whole prefix and level.
 * Source: the shapes in public samples of PT1H.json, 2022 to 2024.
 */
export function azureRecord(line: JsonLogLine, context: RecordContext): string {
  const prefix = renderLogLinePrefix(context.logLinePrefix, line);
  return JSON.stringify({
    properties: {
      timestamp: line.timestamp,
      processId: line.pid,
      errorLevel: line.error_severity,
      sqlerrcode: line.state_code ?? "00000",
      message: `${prefix}${line.error_severity}:  ${line.message}`,
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

/** The blob of the hour that a line was written in. Source: Azure Monitor, "Send to Azure Storage", blob names. */
export function blobName(resourceId: string, timestamp: string): string {
  const [year, month, day, hour] = new Date(epochMilliseconds(timestamp))
    .toISOString()
    .split(/[-T:]/);
  return `resourceId=${resourceId.toUpperCase()}/y=${year}/m=${month}/d=${day}/h=${hour}/m=00/PT1H.json`;
}
