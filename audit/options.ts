import * as path from "node:path";
import { Command, CommanderError, Option } from "commander";
import { UserError } from "../common/user-error";
import { type Address, parseAddress } from "./access/connect-to";
import { compileFilter, type FilterOptions, splitList } from "./select/filter";
import { type TimeRange } from "./sources/source";
import { parseTime } from "./select/time-range";

export const FORMATS = ["table", "json", "csv", "raw"] as const;
export type Format = (typeof FORMATS)[number];

/** What `npm run audit` was asked for. */
export interface AuditOptions {
  /** Directories and files; `-` is standard input. Empty: a storage account. */
  readonly paths: readonly string[];
  /** Undefined: the stack that is selected. */
  readonly stack?: string;
  /** Instead of a stack's. */
  readonly containerUrl?: string;
  readonly connectTo?: Address;
  readonly follow: boolean;
  readonly intervalSeconds: number;
  readonly range: TimeRange;
  readonly filters: FilterOptions;
  readonly logLinePrefix?: string;
  readonly timeZone?: string;
  /** Undefined: `table` on a terminal, else `json`. */
  readonly format?: Format;
  /** What is made of the records instead of a list of them. */
  readonly result:
    | { readonly kind: "list" | "summary" }
    | { readonly kind: "html" | "parquet"; readonly file: string }
    | { readonly kind: "sql"; readonly query: string };
  readonly threads?: number;
}

/** As commander gives them. */
interface Words {
  readonly stack?: string;
  readonly containerUrl?: string;
  readonly connectTo?: string;
  readonly follow?: boolean;
  readonly interval: string;
  readonly since?: string;
  readonly until?: string;
  readonly system?: boolean;
  readonly class?: string;
  readonly user?: string;
  readonly database?: string;
  readonly command?: string;
  readonly object?: string;
  readonly client?: string;
  readonly sessionId?: string;
  readonly pid?: string;
  readonly kind?: string;
  readonly grep?: string;
  readonly format?: string;
  readonly summary?: boolean;
  readonly html?: string;
  readonly sql?: string;
  readonly parquet?: string;
  readonly threads?: string;
  readonly logLinePrefix?: string;
  readonly timeZone?: string;
}

/** A storage account may hold years: without a range the last hour is shown. Files were chosen, and are read whole. */
export const DEFAULT_SINCE = "1h";

function program(): Command {
  return new Command("npm run -s audit --")
    .description("Reads the audit trail: who did what, when, to which object.")
    .argument(
      "[paths...]",
      "directories or files to read instead of the storage account; - is stdin",
    )
    .optionsGroup("Where the trail is:")
    .option(
      "-s, --stack <name>",
      "the stack whose trail is read (default: the one that is selected)",
    )
    .option(
      "--container-url <url>",
      "a container without a stack: https://ACCOUNT.blob.core.windows.net/CONTAINER",
    )
    .addOption(
      new Option(
        "--connect-to <host:port>",
        "connect to this address instead, such as a tunnel's",
      ).env("AUDIT_CONNECT_TO"),
    )
    .optionsGroup("When:")
    .option("-f, --follow", "go on with new lines as they land, until Ctrl-C")
    .option(
      "--since <time>",
      "from: 5m, 2h, 1d ago, or ISO 8601 in UTC (default: 1h for a storage account)",
    )
    .option("--until <time>", "up to, likewise")
    .option("--interval <seconds>", "between two looks with --follow", "1")
    .optionsGroup("What (several values with commas; names with * and ?):")
    .option("--class <classes>", "READ, WRITE, FUNCTION, ROLE, DDL, MISC, MISC_SET")
    .option("--user <names>", "who")
    .option("--database <names>", "where")
    .option("--command <tags>", "such as 'CREATE TABLE', 'alter *'")
    .option("--object <names>", "such as public.orders, 'hr.*'")
    .option("--client <addresses>", "such as 10.0.1.4, 10.0.0.0/16, [local]")
    .option("--session-id <ids>", "PostgreSQL's %c, such as 6564a1b2.1f4c")
    .option("--pid <numbers>", "process ids of sessions")
    .option("--kind <kinds>", "audit, error, connection, statement, log")
    .option("--grep <text>", "in the statement, message or detail; or /regular expression/i")
    .option("--system", "Azure's own sessions too, which are hidden otherwise")
    .optionsGroup("How:")
    .option("--format <format>", `${FORMATS.join(", ")} (default: table on a terminal, else json)`)
    .option("--no-color", "a table without colours, as with the variable NO_COLOR")
    .option("--summary", "counts by class, user, command, object and hour")
    .option("--html <file>", "write a page with charts and a searchable table")
    .option("--sql <query>", "ask the table `audit`: select class, count(*) from audit group by 1")
    .option("--parquet <file>", "export for other tools")
    .option(
      "--log-line-prefix <prefix>",
      "the server's log_line_prefix (default: asked of the stack's server)",
    )
    .option(
      "--time-zone <name>",
      "the server's log_timezone where it isn't UTC, such as Europe/Berlin",
    )
    .option("--threads <number>", "threads that read local files")
    .addHelpText(
      "after",
      "\nExit status: 0 all is well, 1 an error, 2 some lines were broken (they are told), 130 after Ctrl-C.\n" +
        "Documentation: docs/audit.md",
    )
    .exitOverride();
}

export interface ParsingContext {
  /** @default the clock */
  readonly now?: Date;
  /** What relative paths are relative to. @default the folder of this process */
  readonly folder?: string;
}

/**
 * @param argv the arguments alone
 * @returns undefined after --help
 * @throws UserError that names every problem
 */
export function parseOptions(
  argv: readonly string[],
  { now = new Date(), folder = process.cwd() }: ParsingContext = {},
): AuditOptions | undefined {
  const command = program();
  try {
    command.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    // commander has told it already.
    throw new UserError("");
  }
  const paths = command.args.map((word) => (word === "-" ? word : path.resolve(folder, word)));
  return new Reader(command.opts<Words>(), { paths, folder, now }).read();
}

/** Turns words into values, and collects what is wrong with them. */
class Reader {
  private readonly problems: string[] = [];

  private readonly paths: readonly string[];

  constructor(
    private readonly words: Words,
    private readonly context: Required<ParsingContext> & { readonly paths: readonly string[] },
  ) {
    this.paths = context.paths;
  }

  read(): AuditOptions {
    const { words, paths } = this;
    this.checkCombinations();
    const options: AuditOptions = {
      paths,
      stack: words.stack,
      containerUrl: words.containerUrl,
      connectTo: this.attempt(() =>
        words.connectTo === undefined ? undefined : parseAddress(words.connectTo, "--connect-to"),
      ),
      follow: words.follow ?? false,
      intervalSeconds: this.number("--interval", words.interval, 0.1, 3600) ?? 1,
      range: this.range(),
      filters: this.filters(),
      logLinePrefix: words.logLinePrefix,
      timeZone: words.timeZone,
      format: this.format(),
      result: this.result(),
      threads: words.threads === undefined ? undefined : this.threads(words.threads),
    };
    if (this.problems.length > 0) {
      throw new UserError([...this.problems, "Try: npm run -s audit -- --help"].join("\n"));
    }
    return options;
  }

  private range(): TimeRange {
    const { since, until, follow } = this.words;
    const start = since ?? (this.paths.length === 0 && !follow ? DEFAULT_SINCE : undefined);
    const range = { since: this.time("--since", start), until: this.time("--until", until) };
    if (range.since && range.until && range.since >= range.until) {
      this.problems.push(
        `--since (${range.since.toISOString()}) isn't before --until (${range.until.toISOString()}).`,
      );
    }
    return range;
  }

  private time(option: string, text: string | undefined): Date | undefined {
    // The whole trail, where a range is the default.
    if (text === undefined || (option === "--since" && text === "all")) return undefined;
    const time = parseTime(text, this.context.now);
    if (!time) {
      this.problems.push(
        `${option} is "${text}"; it takes a time before now (90s, 5m, 2h, 1d, 2w), now, or ISO 8601 (2026-11-22T15:30, in UTC)` +
          `${option === "--since" ? ", or all" : ""}.`,
      );
    }
    return time;
  }

  private filters(): FilterOptions {
    const { words } = this;
    const list = (text: string | undefined) => (text === undefined ? undefined : splitList(text));
    const filters: FilterOptions = {
      class: list(words.class),
      user: list(words.user),
      database: list(words.database),
      command: list(words.command),
      object: list(words.object),
      client: list(words.client),
      sessionId: list(words.sessionId),
      processId: list(words.pid),
      kind: list(words.kind),
      grep: words.grep,
      system: words.system,
    };
    // One at a time, so that each problem is told.
    for (const [name, value] of Object.entries(filters)) {
      this.attempt(() => compileFilter({ [name]: value as unknown }));
    }
    return filters;
  }

  private format(): Format | undefined {
    const { format } = this.words;
    if (format === undefined) return undefined;
    const known = FORMATS.find((name) => name === format);
    if (!known) this.problems.push(`--format is "${format}"; it takes ${FORMATS.join(", ")}.`);
    return known;
  }

  private result(): AuditOptions["result"] {
    const { summary, html, sql, parquet } = this.words;
    const { folder } = this.context;
    if (html !== undefined) return { kind: "html", file: path.resolve(folder, html) };
    if (parquet !== undefined) return { kind: "parquet", file: path.resolve(folder, parquet) };
    if (sql !== undefined) return { kind: "sql", query: sql };
    return { kind: summary ? "summary" : "list" };
  }

  private checkCombinations(): void {
    const { words, paths } = this;
    const given = (["summary", "html", "sql", "parquet"] as const).filter(
      (name) => words[name] !== undefined,
    );
    const [first, second] = given;
    if (first && second) this.problems.push(`--${first} and --${second} exclude each other.`);
    if (first && words.follow) {
      this.problems.push(
        `--${first} needs an end, and --follow has none; use --since and --until.`,
      );
    }
    if (words.follow && words.until !== undefined) {
      this.problems.push("--follow goes on until Ctrl-C; leave out --until.");
    }
    if ((first === "html" || first === "parquet") && words.format !== undefined) {
      this.problems.push(`--${first} has a format of its own; leave out --format.`);
    }
    if ((first === "sql" || first === "summary") && words.format === "raw") {
      this.problems.push(`--${first} has no raw lines to show; use table, json or csv.`);
    }
    const places = [
      ...(paths.length > 0 ? ["paths"] : []),
      ...(words.stack === undefined ? [] : ["--stack"]),
      ...(words.containerUrl === undefined ? [] : ["--container-url"]),
    ];
    if (places.length > 1) {
      this.problems.push(`${places.join(" and ")}: the trail is read from one place; choose.`);
    }
  }

  private threads(text: string): number | undefined {
    const number = this.number("--threads", text, 1, 64);
    if (number === undefined || Number.isInteger(number)) return number;
    this.problems.push(`--threads is "${text}"; it takes a whole number.`);
    return undefined;
  }

  private number(option: string, text: string, low: number, high: number): number | undefined {
    const number = Number(text);
    if (text.trim() !== "" && number >= low && number <= high) return number;
    this.problems.push(`${option} is "${text}"; it takes a number from ${low} to ${high}.`);
    return undefined;
  }

  private attempt<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.problems.push(error.message);
      return undefined;
    }
  }
}
