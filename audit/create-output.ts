import type { DecoderOptions } from "./decode/decoder";
import type { AuditOptions, Format } from "./options";
import { EncodedOutput } from "./output/encoded-output";
import type { RecordOutput } from "./output/record-output";
import { FirstRecords, LastRecords } from "./output/shortened-output";
import type { TerminalStream } from "./output/stream-writer";
import { SummaryOutput } from "./output/summary-output";
import { TableOutput } from "./output/table";
import { HtmlReport } from "./report/html-report";
import { NotableOutput } from "./rules/notable-output";
import type { Notables } from "./rules/notables";
import { RuledOutput } from "./rules/ruled-output";
import { ParquetOutput } from "./sql/parquet-output";
import { QueryOutput } from "./sql/query-output";
import { VerifyOutput } from "./verify/verify-output";

export interface OutputContext {
  readonly decoder: DecoderOptions;
  readonly stdout: TerminalStream;
  /** Ctrl-C: an output that needs the whole trail writes nothing then. */
  readonly signal: AbortSignal;
  /** Undefined: no rules are applied. */
  readonly notables: Notables | undefined;
}

/**
 * The output that the options ask for; not for a comparison, which has two sides.
 * @throws UserError for a file that can't be written
 */
export function createOutput(options: AuditOptions, context: OutputContext): RecordOutput {
  const output = shortened(resultOutput(options, context), options);
  return context.notables ? new RuledOutput(output, context.notables) : output;
}

function resultOutput(
  options: AuditOptions,
  { decoder, stdout, signal, notables }: OutputContext,
): RecordOutput {
  const { result, force, outputZone } = options;
  const chosen = formatOf(options, stdout);
  switch (result.kind) {
    case "list":
      return chosen === "table"
        ? new TableOutput(stdout, undefined, outputZone)
        : new EncodedOutput(chosen, stdout);
    case "summary":
      return new SummaryOutput(withoutRaw(chosen), stdout, outputZone, notables);
    case "verify":
      return new VerifyOutput({
        format: options.format === "json" ? "json" : "table",
        ...{ stream: stdout, timeZone: outputZone, decoder, signal },
      });
    case "notable":
      if (!notables) throw new Error("--notable has no rules");
      return new NotableOutput({ format: withoutRaw(chosen), stdout, notables, outputZone });
    case "sql": {
      const { query } = result;
      return new QueryOutput({ query, format: withoutRaw(chosen), stream: stdout, signal });
    }
    case "parquet":
      return new ParquetOutput({ file: result.file, force, signal });
    case "html":
      return new HtmlReport({ file: result.file, notable: notables, force, signal });
    case "compare":
      throw new Error("a comparison has two outputs");
  }
}

function shortened(
  output: RecordOutput,
  { limit, tail, follow }: Pick<AuditOptions, "limit" | "tail" | "follow">,
): RecordOutput {
  if (limit !== undefined) return new FirstRecords(output, limit);
  return tail === undefined || follow ? output : new LastRecords(output, tail);
}

export function formatOf(
  { format }: Pick<AuditOptions, "format">,
  { isTTY }: TerminalStream,
): Format {
  return format ?? (isTTY ? "table" : "json");
}

export function withoutRaw(format: Format): Exclude<Format, "raw"> {
  if (format === "raw") throw new Error("--format raw was not refused");
  return format;
}
