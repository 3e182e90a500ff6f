import { azureRecord } from "../../../local/backends/log-shipper/record";
import { LOG_LINE_PREFIX } from "../../../components/server-parameters";

const SERVERS =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers";
const CONTEXT = {
  location: "westeurope",
  logLinePrefix: LOG_LINE_PREFIX,
};

export interface AzureLine {
  readonly message: string;
  /** @default "2026-11-22 17:51:17.034 UTC" */
  readonly timestamp?: string;
  /** @default "app" */
  readonly user?: string;
  /** @default "Pg1" */
  readonly server?: string;
  /** Number of the line in its session. @default 1 */
  readonly lineNumber?: number;
}

/** A line of the trail as local Azure writes it, without its line end. */
export function azureLine({
  message,
  timestamp,
  user = "app",
  server = "Pg1",
  lineNumber = 1,
}: AzureLine): string {
  return azureRecord(
    {
      timestamp: timestamp ?? "2026-11-22 17:51:17.034 UTC",
      user,
      dbname: "shop",
      pid: 4711,
      remote_host: "10.1.2.3",
      remote_port: 50000,
      session_id: "6380ab.1267",
      session_start: "2026-11-22 17:51:10 UTC",
      line_num: lineNumber,
      error_severity: "LOG",
      state_code: "00000",
      message,
      backend_type: "client backend",
      application_name: "psql",
    },
    { ...CONTEXT, resourceId: `${SERVERS}/${server}` },
  );
}

/** pgAudit's message of a statement. */
export function auditMessage(
  className: string,
  command: string,
  statement: string,
  objectName = "public.orders",
): string {
  const quoted = [className, command, "TABLE", objectName, statement].map((field) =>
    /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field,
  );
  return `AUDIT: SESSION,1,1,${quoted.join(",")},<none>`;
}
