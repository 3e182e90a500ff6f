import type { Notify } from "../common/notify";
import { terminalText } from "../common/terminal-text";
import { UserError } from "../common/user-error";
import { compareTrails } from "./compare/compare-trails";
import { parseCommandLine } from "./command-line";
import { createOutput, formatOf, withoutRaw } from "./create-output";
import { type AuditOptions, DEFAULT_SINCE } from "./options";
import type { OrderedResult } from "./order/record-order";
import { StreamWriter, type TerminalStream } from "./output/stream-writer";
import { tallyLines } from "./output/tally";
import { readTrail } from "./read-trail";
import type { Selection } from "./record-reader";
import { showReport } from "./report/show-report";
import { Resumption } from "./resume/resumption";
import { type OpenRules, openRules } from "./rules/open-rules";
import { openTrail, type TrailHost } from "./sources/open-trail";
import type { Source } from "./sources/source";

export const EXIT = { success: 0, error: 1, doubtful: 2, notable: 3, interrupted: 130 } as const;

/** Results that are written only if the whole trail was read. */
const NEEDS_END: readonly AuditOptions["result"]["kind"][] = [
  "sql",
  "parquet",
  "html",
  "verify",
  "compare",
];

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

/** A trail that is open, and how to read it. */
interface Opened {
  readonly source: Source;
  readonly resumption: Resumption | undefined;
  readonly rules: OpenRules | undefined;
  readonly selection: Selection;
}

interface Done extends OrderedResult {
  /** `RecordOutput.isDoubtful`. */
  readonly isDoubtful?: boolean;
  /** Whether nobody reads the output any more. */
  readonly isClosed?: boolean;
}

/**
 * Reads the trail as the arguments say.
 * @returns the exit status
 * @throws UserError for mistakes that the user can fix
 */
export async function runAudit(argv: readonly string[], host: AuditProcess): Promise<number> {
  const { program, env, stdout, signal } = host;
  const help = new StreamWriter(stdout);
  const options = parseCommandLine(argv, {
    ...{ program, env, hasStacks: host.findStackTrail !== undefined },
    write: (text) => help.write(text),
  });
  await help.finish();
  if (!options) return EXIT.success;
  const { result, failOn, opens, assumedZone } = options;
  const notify: Notify = (line) => host.notify(`audit: ${terminalText(line)}`);
  if (assumedZone !== undefined) {
    notify(`times without a zone were read as ${assumedZone} (--time-zone names another)`);
  }
  const context = { ...host, notify };
  const opened = await openAll(options, context);
  const done: Done =
    result.kind === "compare"
      ? await compareTrails({
          ...{ compared: result.compared, isLocal: options.paths.length > 0 },
          ...{ source: opened.source, selection: opened.selection, signal },
          ...{ format: withoutRaw(formatOf(options, stdout)), stream: stdout },
          openPath: async (path) =>
            (await openTrail({ ...options, paths: [path] }, context, notify)).source,
        })
      : await read(options, opened, context);
  const { tally } = done;
  reportDone(done, options, opened, notify);
  if (signal.aborted) return EXIT.interrupted;
  await opened.rules?.finish(!done.isClosed);
  if (result.kind === "html") await showReport(result.file, { opens, env, notify });
  if (failOn && opened.rules?.notables.hasLevel(failOn)) return EXIT.notable;
  const isUncertain = done.isDoubtful ?? tally.ambiguous > 0;
  return tally.broken > 0 || tally.unreadable > 0 || isUncertain ? EXIT.doubtful : EXIT.success;
}

async function openAll(options: AuditOptions, host: AuditProcess): Promise<Opened> {
  const { filters, follow, sinceLast } = options;
  const { notify } = host;
  const { source, ...known } = await openTrail(options, host, notify);
  if (follow && !source.follow) {
    throw new UserError(`${source.description} can't be followed; leave out --follow.`);
  }
  const resumption =
    sinceLast === undefined ? undefined : new Resumption(sinceLast, source, options.range, notify);
  const rules = options.rules && (await openRules(options.rules, notify));
  const logLinePrefix = options.logLinePrefix ?? known.logLinePrefix;
  const decoder = { logLinePrefix, timeZone: options.logTimeZone };
  const range = resumption?.source.range ?? options.range;
  return {
    source: resumption?.source ?? source,
    ...{ resumption, rules, selection: { range, filters, decoder } },
  };
}

async function read(
  options: AuditOptions,
  { source, resumption, rules, selection }: Opened,
  { stdout, signal, notify }: AuditProcess,
): Promise<Done> {
  const { follow, threads, unique, tail: recentCount } = options;
  const { decoder } = selection;
  const output = createOutput(options, { decoder, stdout, signal, notables: rules?.notables });
  const result = await readTrail({
    ...{ source, selection, output, follow, recentCount, threads, unique, signal, notify },
  });
  await resumption?.save(stdout, !signal.aborted && !output.closed);
  if (output.notice !== undefined) notify(output.notice);
  return { ...result, isDoubtful: output.isDoubtful, isClosed: output.closed };
}

function reportDone(
  { tally, notices }: Done,
  { result, isDefaultRange }: AuditOptions,
  { resumption }: Opened,
  notify: Notify,
): void {
  if (tally.stoppedEarly && NEEDS_END.includes(result.kind)) {
    notify("nothing was written, because it would be incomplete");
  }
  for (const line of [...notices, ...tallyLines(tally)]) notify(line);
  if (tally.shown === 0 && !tally.stoppedEarly && isDefaultRange && resumption?.isFirst !== false) {
    notify(
      `this was the last ${DEFAULT_SINCE}; for more, add --since, such as --since 1d or --since all`,
    );
  }
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
