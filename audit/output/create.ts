import { UserError } from "../../common/user-error";
import { type RecordOutput } from "./record-output";
import { type AuditOptions, type Format } from "../options";
import { HtmlReport } from "../report/html-report";
import { ParquetOutput } from "../sql/parquet-output";
import { QueryOutput } from "../sql/query-output";
import { EncodedOutput } from "./encoded-output";
import { SummaryOutput } from "./summary-output";
import { TableOutput } from "./table";
import { type TerminalStream } from "./terminal-stream";

/**
 * Makes the output that the options ask for.
 * @param stdout where it goes, unless it is a file
 * @param signal Ctrl-C: what needs the whole trail gives out nothing then
 * @throws UserError for a file that can't be written
 */
export function createOutput(
  { result, format }: Pick<AuditOptions, "result" | "format">,
  stdout: TerminalStream,
  signal: AbortSignal,
): RecordOutput {
  const chosen = format ?? (stdout.isTTY ? "table" : "json");
  switch (result.kind) {
    case "list":
      return chosen === "table" ? new TableOutput(stdout) : new EncodedOutput(chosen, stdout);
    case "summary":
      return new SummaryOutput(withoutRaw(chosen), stdout);
    case "sql":
      return new QueryOutput({
        query: result.query,
        format: withoutRaw(chosen),
        stream: stdout,
        signal,
      });
    case "parquet":
      return new ParquetOutput(result.file, signal);
    case "html":
      return new HtmlReport({ file: result.file, signal });
  }
}

function withoutRaw(format: Format): Exclude<Format, "raw"> {
  if (format === "raw")
    throw new UserError("There are no raw lines to show; use table, json or csv.");
  return format;
}
