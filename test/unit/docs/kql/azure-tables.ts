import { type FieldName, FIELDS, type LogRecord } from "../../../../audit/record";
import { type Row } from "./interpreter";

/** A record of Azure Monitor's, as archived in a storage account. */
interface AzureRecord {
  readonly time: string;
  readonly category: string;
  readonly resourceId: string;
  readonly properties: {
    readonly processId: number;
    readonly errorLevel: string;
    readonly sqlerrcode: string;
    readonly message: string;
    readonly detail?: string;
    readonly backend_type?: string;
  };
}

/**
 * Columns of the two tables that contain the category PostgreSQLLogs. AzureDiagnostics has columns of other services
 * too, and names those of a record's properties after them, with a suffix for the type.
 * Sources: Microsoft's pages "Logs in Azure Database for PostgreSQL", "Log format"; "PGSQLServerLogs", and its queries for
 * Message, ProcessId and SqlErrorCode. The type of ProcessId isn't known; backend_type_s follows from the suffixes.
 */
export const TABLES = {
  PGSQLServerLogs:
    "(TimeGenerated: datetime, LogicalServerName: string, ProcessId: long, BackendType: string, ErrorLevel: string, " +
    "SqlErrorCode: string, Message: string, Detail: string)",
  AzureDiagnostics:
    "(TimeGenerated: datetime, Category: string, Resource: string, processId_d: real, backend_type_s: string, " +
    "errorLevel_s: string, sqlerrcode_s: string, Message: string, Detail: string)",
};

/** AzureDiagnostics before it contained a record of PostgreSQL's. */
export const OTHER_AZURE_DIAGNOSTICS =
  "(TimeGenerated: datetime, Category: string, Resource: string, ResultType: string)";

const serverOf = ({ resourceId }: AzureRecord): string => resourceId.split("/").pop() ?? "";

/** The row of a record in each table. */
export const ROW_OF: Readonly<Record<keyof typeof TABLES, (record: AzureRecord) => Row>> = {
  PGSQLServerLogs: (record) => ({
    TimeGenerated: record.time,
    LogicalServerName: serverOf(record),
    ProcessId: record.properties.processId,
    BackendType: record.properties.backend_type ?? "",
    ErrorLevel: record.properties.errorLevel,
    SqlErrorCode: record.properties.sqlerrcode,
    Message: record.properties.message,
    Detail: record.properties.detail ?? "",
  }),
  AzureDiagnostics: (record) => ({
    TimeGenerated: record.time,
    Category: record.category,
    Resource: serverOf(record),
    processId_d: record.properties.processId,
    backend_type_s: record.properties.backend_type ?? "",
    errorLevel_s: record.properties.errorLevel,
    sqlerrcode_s: record.properties.sqlerrcode,
    Message: record.properties.message,
    Detail: record.properties.detail ?? "",
  }),
};

export const asRow = (table: keyof typeof TABLES, line: string): Row =>
  ROW_OF[table](JSON.parse(line) as AzureRecord);

/** Fields that a workspace doesn't have. */
export const ONLY_IN_FILES: readonly string[] = ["file", "file_offset"] satisfies FieldName[];

export const SHARED_FIELDS = (Object.keys(FIELDS) as FieldName[]).filter(
  (field) => !ONLY_IN_FILES.includes(field),
);

/** A record of the reader's as PgAudit shows it: KQL's texts can't be null. */
export const asKql = (record: LogRecord): Row =>
  Object.fromEntries(
    SHARED_FIELDS.map((field) => [
      field,
      FIELDS[field] === "text" ? (record[field] ?? "") : record[field],
    ]),
  );
