import * as path from "node:path";
import { Command, CommanderError, Option } from "commander";
import { UserError } from "../common/user-error";
import type { OptionTexts } from "./option-texts";
import { type AuditOptions, FORMATS, OptionReader } from "./options";
import { version } from "./package.json";
import { TimeZone } from "./time-zone";

export interface CommandLineContext {
  /** How the user calls the reader, for the help: `pg-audit`. */
  readonly program: string;
  /** Whether there is an option --stack. */
  readonly hasStacks: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** @default the clock */
  readonly now?: Date;
  /** Relative paths start here. @default the folder of this process */
  readonly folder?: string;
  /** The zone of times without a zone, as an IANA name. @default this machine's */
  readonly localZone?: string;
  /** Receives the help or the version. @default it is discarded */
  readonly write?: (text: string) => void;
}

/** The command with all its options. */
export function auditCommand({
  program,
  hasStacks,
  env,
}: Pick<CommandLineContext, "program" | "hasStacks" | "env">): Command {
  const command = new Command(program)
    .description("Reads the audit trail: who did what, when, to which object.")
    .argument("[paths...]", "directories or files to read; - is standard input")
    .optionsGroup("Where the trail is:");
  if (hasStacks) command.option("-s, --stack <name>", "the stack whose trail to read");
  return command
    .option("--container-url <url>", "a container: https://ACCOUNT.blob.core.windows.net/CONTAINER")
    .addOption(
      new Option(
        "--connect-to <host:port>",
        "connect to this address instead of the storage account's, such as a tunnel's (env: AUDIT_CONNECT_TO)",
      ).default(env.AUDIT_CONNECT_TO || undefined),
    )
    .optionsGroup("When:")
    .option("-f, --follow", "continue with new lines as they are written, until Ctrl-C")
    .option(
      "--since <time>",
      "from: 5m, 2h, 1d ago, today, yesterday, 10:00, or ISO 8601 (default: 1h for a storage account)",
    )
    .option("--until <time>", "up to, in the same forms")
    .option(
      "--time-zone <name>",
      "of --since, --until (default: this machine's) and of tables (default: UTC): Europe/Berlin, local",
    )
    .option(
      "--since-last <file>",
      "only what is new since the last run, which wrote this file; for cron",
    )
    .option("--interval <seconds>", "between two polls with --follow", "1")
    .optionsGroup("What (several values with commas; names with * and ?; '!alice' excludes):")
    .option("--class <classes>", "READ, WRITE, FUNCTION, ROLE, DDL, MISC, MISC_SET")
    .option("--user <names>", "who")
    .option("--database <names>", "where")
    .option("--command <tags>", "such as 'CREATE TABLE', 'alter *'")
    .option("--object <names>", "such as public.orders, 'hr.*'")
    .option("--client <addresses>", "such as 10.0.1.4, 10.0.0.0/16, [local]")
    .option("--session-id <ids>", "PostgreSQL's %c, such as 6564a1b2.1f4c")
    .option("--pid <numbers>", "process ids of sessions")
    .option("--kind <kinds>", "audit, error, connection, statement, log")
    .option("--server <names>", "of a trail of several servers")
    .option("--grep <text>", "in the statement, message or detail; or /regular expression/i")
    .option("--unique", "without records that were delivered several times")
    .option("--system", "Azure's own sessions too, which are hidden by default")
    .optionsGroup("How:")
    .option(
      "--format <format>",
      `${FORMATS.join(", ")} (default: table on a terminal, otherwise json)`,
    )
    .option("--limit <number>", "stop after so many records")
    .option("--tail <number>", "only so many of the last records")
    .option("--no-color", "a table without colours, like the variable NO_COLOR")
    .option("--summary", "counts by class, user, database, command, object and hour")
    .option(
      "--verify",
      "check that no line is missing, by the numbers that sessions give their lines",
    )
    .option("--notable", "list what rules find: dropped tables, grants, failed logins, ...")
    .option(
      "--rules <folder>",
      "also these rules, in Sigma's format; may be repeated",
      (folder: string, others: readonly string[] = []) => [...others, folder],
    )
    .option(
      "--known <file>",
      "find users and client addresses that aren't in this file, and add them to it",
    )
    .option("--fail-on <level>", "exit status 3 if a rule of this level or above has findings")
    .option(
      "--compare <before> <after> [paths...]",
      "what is new, gone, much more or less: two folders, or two days of a trail (yesterday today)",
    )
    .option("--html <file>", "write a page with charts and a searchable table")
    .option("--open", "open the page of --html in the browser")
    .option(
      "--sql <query>",
      "query the table `audit`: select class, count(*) from audit group by 1",
    )
    .option("--parquet <file>", "export for other tools")
    .option("--force", "replace the file of --html or --parquet if it exists")
    .option(
      "--log-line-prefix <prefix>",
      "the server's log_line_prefix, if it isn't recognised from the lines",
    )
    .option(
      "--log-time-zone <name>",
      "the server's log_timezone if it isn't UTC, such as Europe/Berlin",
    )
    .option("--threads <number>", "threads that read local files")
    .version(version, "--version", "print the version of the reader")
    .addHelpText(
      "after",
      "\nExit status: 0 success, 1 an error, 2 some lines or files couldn't be read (they are reported) or --verify found the trail incomplete, 3 findings with --fail-on, 130 after Ctrl-C.\n" +
        "Documentation: docs/audit.md",
    )
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
}

/**
 * @param argv the arguments only
 * @returns undefined after --help
 * @throws UserError that names every problem
 */
export function parseCommandLine(
  argv: readonly string[],
  context: CommandLineContext,
): AuditOptions | undefined {
  const { now = new Date(), folder = process.cwd(), hasStacks, program } = context;
  const localZone = context.localZone ?? TimeZone.localName;
  const writeOut = context.write ?? (() => undefined);
  const command = auditCommand(context).configureOutput({ writeOut });
  const refusal = (problems: readonly string[]) =>
    new UserError([...problems, `Try: ${program} --help`].join("\n"));
  try {
    command.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw refusal([error.message.replace(/^error: /, "")]);
  }
  const texts = command.opts<OptionTexts>();
  // Of the words after --compare, the first two are the option's.
  const words = [...command.args, ...(texts.compare?.slice(2) ?? [])];
  const paths = words.map((word) => (word === "-" ? word : path.resolve(folder, word)));
  const reader = new OptionReader(texts, { paths, folder, now, localZone, hasStacks });
  const options = reader.read();
  if (reader.problems.length > 0) throw refusal(reader.problems);
  return options;
}
