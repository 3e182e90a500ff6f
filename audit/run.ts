import type { Notify } from "../common/notify";
import { terminalText } from "../common/terminal-text";
import { UserError } from "../common/user-error";
import { compareTrails } from "./compare/compare-trails";
import { parseCommandLine } from "./command-line";
import type { DecoderOptions } from "./decode/decoder";
import { type AuditOptions, DEFAULT_SINCE, type Format } from "./options";
import { EncodedOutput } from "./output/encoded-output";
import type { RecordOutput } from "./output/record-output";
import { FirstRecords, LastRecords } from "./output/shortened-output";
import { StreamWriter, type TerminalStream } from "./output/stream-writer";
import { SummaryOutput } from "./output/summary-output";
import { TableOutput } from "./output/table";
import { tallyLines } from "./output/tally";
import type { OrderedResult } from "./order/record-order";
import { readTrail } from "./read-trail";
import { HtmlReport } from "./report/html-report";
import { showReport } from "./report/show-report";
import { Resumption } from "./resume/resumption";
import { NotableOutput } from "./rules/notable-output";
import type { Notables } from "./rules/notables";
import { openRules } from "./rules/open-rules";
import { RuledOutput } from "./rules/ruled-output";
import { openTrail, type TrailHost } from "./sources/open-trail";
import { ParquetOutput } from "./sql/parquet-output";
import { QueryOutput } from "./sql/query-output";
import { VerifyOutput } from "./verify/verify-output";

export const EXIT = { success: 0, error: 1, doubtful: 2, notable: 3, interrupted: 130 } as const;

/** Results that are written only if the whole trail was read. */
const NEEDS_END: readonly AuditOptions["result"]["kind"][] = [
  "sql",
  "parquet",
  "html",
  "verify",
  "compare",
];

/** A result that one output makes of the records. */
type RecordResult = Exclude<AuditOptions["result"], { readonly kind: "compare" }>;

interface Read extends OrderedResult {
  /** `RecordOutput.isDoubtful` */
  readonly isDoubtful?: boolean;
  /** `RecordOutput.closed` */
  readonly isClosed?: boolean;
}

/** What the reader gets from the program that contains it. */
export interface AuditProcess extends TrailHost {
  /** How the user calls the reader, for the help: `pg-audit`. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: TerminalStream;
  /** Receives what isn't part of the output. */
  readonly notify: Notify;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Reads the trail as the arguments say.
 * @returns the exit status
 * @throws UserError for mistakes that the user can fix
 */
export async function runAudit(
  argv: readonly string[],
  { program, env, stdout, notify, signal, ...host }: AuditProcess,
): Promise<number> {
  const hasStacks = host.findStackTrail !== undefined;
  const help = new StreamWriter(stdout);
  const write = (text: string) => help.write(text);
  const options = parseCommandLine(argv, { program, env, hasStacks, write });
  await help.finish();
  if (!options) return EXIT.success;
  const { follow, filters, result, threads, logTimeZone, assumedZone, sinceLast } = options;
  const { failOn, unique } = options;
  const notifyUser: Notify = (line) => notify(`audit: ${terminalText(line)}`);
  if (assumedZone !== undefined) {
    notifyUser(`times without a zone were read as ${assumedZone} (--time-zone names another)`);
  }
  const open = (place: AuditOptions) => openTrail(place, { ...host, env }, notifyUser);
  const { source, ...known } = await open(options);
  const resumption =
    sinceLast === undefined
      ? undefined
      : new Resumption(sinceLast, source, options.range, notifyUser);
  const range = resumption?.source.range ?? options.range;
  if (follow && !source.follow) {
    throw new UserError(`${source.description} can't be followed; leave out --follow.`);
  }
  const rules = options.rules && (await openRules(options.rules, notifyUser));
  const logLinePrefix = options.logLinePrefix ?? known.logLinePrefix;
  const decoder = { logLinePrefix, timeZone: logTimeZone };
  const selection = { range, filters, decoder };
  const read = async (single: RecordResult): Promise<Read> => {
    const context = { decoder, stdout, signal, notables: rules?.notables };
    const created = createOutput({ ...options, result: single }, context);
    const output = shortened(created, options);
    const result = await readTrail({
      ...{ source: resumption?.source ?? source, selection },
      output: rules ? new RuledOutput(output, rules.notables) : output,
      ...{ follow, threads, unique, signal, notify: notifyUser },
    });
    await resumption?.save(stdout, !signal.aborted && !output.closed);
    if (output.notice !== undefined) notifyUser(output.notice);
    return { ...result, isDoubtful: output.isDoubtful, isClosed: output.closed };
  };
  const done: Read =
    result.kind === "compare"
      ? await compareTrails({
          ...{ compared: result.compared, isLocal: options.paths.length > 0 },
          ...{ source, selection, signal },
          ...{ format: withoutRaw(formatOf(options, stdout)), stream: stdout },
          openPath: async (path) => (await open({ ...options, paths: [path] })).source,
        })
      : await read(result);
  const { tally, notices, isDoubtful, isClosed = false } = done;
  if (tally.stoppedEarly && NEEDS_END.includes(result.kind)) {
    notifyUser("nothing was written, because it would be incomplete");
  }
  for (const line of [...notices, ...tallyLines(tally)]) notifyUser(line);
  if (signal.aborted) return EXIT.interrupted;
  const isDefaultRange = options.isDefaultRange && (resumption?.isFirst ?? true);
  if (tally.shown === 0 && isDefaultRange) {
    notifyUser(
      `this was the last ${DEFAULT_SINCE}; for more, add --since, such as --since 1d or --since all`,
    );
  }
  await rules?.finish(!isClosed);
  const { opens } = options;
  if (result.kind === "html") await showReport(result.file, { opens, env, notify: notifyUser });
  if (failOn && rules?.notables.hasLevel(failOn)) return EXIT.notable;
  const isUncertain = isDoubtful ?? tally.ambiguous > 0;
  return tally.broken > 0 || tally.unreadable > 0 || isUncertain ? EXIT.doubtful : EXIT.success;
}

/** A signal that Ctrl-C and SIGTERM abort; a second Ctrl-C ends the process at once. */
export function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  process.on("SIGINT", () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
  });
  process.on("SIGTERM", () => interrupt.abort());
  return interrupt.signal;
}

interface OutputContext {
  readonly decoder: DecoderOptions;
  readonly stdout: TerminalStream;
  /** Ctrl-C: an output that needs the whole trail writes nothing then. */
  readonly signal: AbortSignal;
  /** Undefined: no rules are applied. */
  readonly notables?: Notables;
}

/** @throws UserError for a file that can't be written */
function createOutput(
  options: Pick<AuditOptions, "format" | "force" | "outputZone"> & { result: RecordResult },
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
  }
}

function shortened(
  output: RecordOutput,
  { limit, tail, follow }: Pick<AuditOptions, "limit" | "tail" | "follow">,
): RecordOutput {
  if (limit !== undefined) return new FirstRecords(output, limit);
  return tail === undefined || follow ? output : new LastRecords(output, tail);
}

function formatOf({ format }: Pick<AuditOptions, "format">, { isTTY }: TerminalStream): Format {
  return format ?? (isTTY ? "table" : "json");
}

function withoutRaw(format: Format): Exclude<Format, "raw"> {
  if (format === "raw") throw new Error("--format raw was not refused");
  return format;
}
