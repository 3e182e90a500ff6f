import { UserError } from "../common/user-error";
import { openSource } from "./sources/open-trail";
import { DEFAULT_SINCE, parseOptions } from "./options";
import { createOutput } from "./output/create";
import { tallyLines } from "./output/tally";
import { readTrail } from "./read-trail";

/** Exit statuses of `npm run audit`. */
export const EXIT = { fine: 0, error: 1, brokenLines: 2, interrupted: 130 } as const;

export interface AuditProcess {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  /** Takes what isn't part of the output, a line each. */
  readonly say: (line: string) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Does what the arguments ask for.
 * @returns the exit status
 * @throws UserError for what the person at the terminal can mend
 */
export async function runAudit(
  argv: readonly string[],
  { env, stdout, say, signal }: AuditProcess,
): Promise<number> {
  // npm runs scripts in the project's folder, wherever it was called.
  const options = parseOptions(argv, { folder: env.INIT_CWD });
  if (!options) return EXIT.fine;
  const { follow, filters, range, threads, timeZone } = options;
  const notice = (line: string) => say(`audit: ${line}`);
  const opened = await openSource(options, env, notice);
  if (follow && !opened.source.follow) {
    throw new UserError(`${opened.source.description} can't be followed; leave out --follow.`);
  }
  const output = createOutput(options, stdout, signal);
  const logLinePrefix = options.logLinePrefix ?? opened.logLinePrefix;
  const { tally, notices } = await readTrail({
    source: opened.source,
    selection: { range, filters, decoder: { logLinePrefix, timeZone } },
    output,
    follow,
    threads,
    signal,
    notice,
  });
  for (const line of [...notices, ...tallyLines(tally)]) notice(line);
  if (tally.shown === 0 && !argv.includes("--since") && options.paths.length === 0 && !follow) {
    notice(
      `this was the last ${DEFAULT_SINCE}; --since asks for more, such as --since 1d or --since all`,
    );
  }
  if (signal.aborted) return EXIT.interrupted;
  return tally.broken > 0 ? EXIT.brokenLines : EXIT.fine;
}
