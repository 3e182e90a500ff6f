import * as path from "node:path";
import { splitList } from "../common/split-list";
import { UserError } from "../common/user-error";
import { type Compared, readCompared } from "./compare/compared";
import { combinationProblems } from "./option-combinations";
import type { OptionContext, OptionTexts } from "./option-texts";
import { type Level, LEVELS } from "./rules/finding";
import type { RuleOptions } from "./rules/open-rules";
import { compileFilter, type FilterOptions } from "./select/filter";
import { TIME_FORMS, TimeParser, type TimeRange } from "./select/time-range";
import { TimeZone } from "./time-zone";

export const FORMATS = ["table", "json", "csv", "raw"] as const;
export type Format = (typeof FORMATS)[number];

/** Where to connect instead of the storage account's host. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface AuditOptions {
  /** Directories and files; `-` is standard input. Empty: a storage account. */
  readonly paths: readonly string[];
  /** Undefined: the host program's default. */
  readonly stack?: string;
  /** Read instead of a stack's container. */
  readonly containerUrl?: string;
  readonly connectTo?: Address;
  readonly follow: boolean;
  readonly intervalSeconds: number;
  readonly range: TimeRange;
  /** Whether the range begins at DEFAULT_SINCE. */
  readonly isDefaultRange: boolean;
  readonly filters: FilterOptions;
  readonly logLinePrefix?: string;
  /** The server's log_timezone, if it isn't UTC. */
  readonly logTimeZone?: string;
  /** Of the times in tables. @default UTC */
  readonly outputZone: string;
  /** The zone of this machine, if --since or --until was read in it and it isn't UTC. */
  readonly assumedZone?: string;
  /** The file with the positions up to which the last run read. */
  readonly sinceLast?: string;
  /** Reading ends after so many records. */
  readonly limit?: number;
  /** Only so many of the last records are shown. */
  readonly tail?: number;
  /** Undefined: `table` on a terminal, otherwise `json`. */
  readonly format?: Format;
  readonly result:
    | { readonly kind: "list" | "summary" | "verify" | "notable" }
    | { readonly kind: "html" | "parquet"; readonly file: string }
    | { readonly kind: "sql"; readonly query: string }
    | { readonly kind: "compare"; readonly compared: Compared };
  /** Whether to open the HTML report in the browser. */
  readonly opens: boolean;
  /** Undefined: no rules are applied. */
  readonly rules?: RuleOptions;
  /** Findings of this level or above change the exit status. */
  readonly failOn?: Level;
  /** Whether --html and --parquet replace an existing file. */
  readonly force: boolean;
  readonly threads?: number;
  /** Leaves out repeated records. */
  readonly unique: boolean;
}

/** A storage account may contain years: without a range its last hour is read. Paths are read whole. */
export const DEFAULT_SINCE = "1h";

const MAX_THREADS = 64;
const MAX_LIMIT = Number.MAX_SAFE_INTEGER;
/** The last records are kept in memory. */
const MAX_TAIL = 100_000;

/** Converts the texts to values, and collects all problems. */
export class OptionReader {
  readonly problems: string[] = [];
  private compared: Compared | undefined;

  constructor(
    private readonly texts: OptionTexts,
    private readonly context: OptionContext,
  ) {}

  read(): AuditOptions {
    const { texts } = this;
    const times = this.times();
    this.problems.push(...combinationProblems(texts, this.context, this.compared));
    return {
      paths: this.compared?.paths ? Object.values(this.compared.paths) : this.context.paths,
      stack: texts.stack,
      containerUrl: texts.containerUrl,
      connectTo: this.address("--connect-to", texts.connectTo),
      follow: texts.follow ?? false,
      intervalSeconds: this.number("--interval", texts.interval, 0.1, 3600) ?? 1,
      ...times,
      filters: { ...this.filters(), ...(texts.verify ? { system: true } : {}) },
      logLinePrefix: texts.logLinePrefix,
      logTimeZone: this.zone("--log-time-zone", texts.logTimeZone)?.name,
      sinceLast: texts.sinceLast && path.resolve(this.context.folder, texts.sinceLast),
      limit: this.count("--limit", texts.limit, MAX_LIMIT),
      tail: this.count("--tail", texts.tail, MAX_TAIL),
      format: this.format(),
      result: this.result(),
      opens: texts.open ?? false,
      rules: this.rules(),
      failOn: this.failOn(),
      force: texts.force ?? false,
      threads: this.count("--threads", texts.threads, MAX_THREADS),
      unique: texts.unique ?? false,
    };
  }

  private times(): Pick<AuditOptions, "range" | "isDefaultRange" | "outputZone" | "assumedZone"> {
    const { timeZone } = this.texts;
    const { now, localZone } = this.context;
    const zone = this.zone("--time-zone", timeZone) ?? new TimeZone(localZone);
    const parser = new TimeParser(now, zone);
    this.compared = this.comparison(parser);
    const range = this.range(parser);
    const isAssumed = timeZone === undefined && parser.usedZone && !zone.isUtc;
    return {
      range,
      isDefaultRange: this.texts.since === undefined && !this.isOpenRange && !this.compared,
      outputZone: timeZone === undefined ? "UTC" : zone.name,
      assumedZone: isAssumed ? zone.name : undefined,
    };
  }

  /** Without --since, whether everything is read. */
  private get isOpenRange(): boolean {
    const hasPaths = this.context.paths.length > 0 || this.compared?.paths !== undefined;
    return hasPaths || (this.texts.follow ?? false);
  }

  private range(parser: TimeParser): TimeRange {
    const { since, until } = this.texts;
    const start = since ?? (this.isOpenRange ? undefined : DEFAULT_SINCE);
    const from = start === "all" ? undefined : start;
    const range = { ...parser.range(from, until), ...(since === "all" ? { all: true } : {}) };
    if (from !== undefined && !range.since) {
      this.problems.push(`--since is "${from}"; it takes ${TIME_FORMS}, or all.`);
    }
    if (until !== undefined && !range.until) {
      this.problems.push(`--until is "${until}"; it takes ${TIME_FORMS}.`);
    }
    if (range.since && range.until && range.since >= range.until) {
      this.problems.push(
        `--since (${range.since.toISOString()}) isn't before --until (${range.until.toISOString()}).`,
      );
    }
    return range;
  }

  private zone(option: string, name: string | undefined): TimeZone | undefined {
    if (name === undefined) return undefined;
    try {
      return new TimeZone(name === "local" ? this.context.localZone : name);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.problems.push(`${option}: ${error.message}`);
      return undefined;
    }
  }

  private comparison(parser: TimeParser): Compared | undefined {
    const { since, until, compare } = this.texts;
    if (compare === undefined) return undefined;
    const { now, folder } = this.context;
    const compared = readCompared(compare, {
      parseRange: (from, to) => parser.range(from, to),
      report: (problem) => this.problems.push(problem),
      ...{ now, folder },
    });
    if (compared?.ranges && (since !== undefined || until !== undefined)) {
      this.problems.push("--compare names the ranges of time; leave out --since and --until.");
    }
    if (this.texts.failOn !== undefined) {
      this.problems.push("--compare applies no rules; leave out --fail-on.");
    }
    return compared;
  }

  private filters(): FilterOptions {
    const { texts } = this;
    const list = (text: string | undefined) => (text === undefined ? undefined : splitList(text));
    const filters: FilterOptions = {
      class: list(texts.class),
      user: list(texts.user),
      database: list(texts.database),
      command: list(texts.command),
      object: list(texts.object),
      client: list(texts.client),
      sessionId: list(texts.sessionId),
      processId: list(texts.pid),
      kind: list(texts.kind),
      server: list(texts.server),
      grep: texts.grep,
      system: texts.system,
    };
    // Compiled one by one, so that every problem is reported.
    for (const [name, value] of Object.entries(filters)) {
      try {
        compileFilter({ [name]: value as unknown });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.problems.push(error.message);
      }
    }
    return filters;
  }

  private format(): Format | undefined {
    const { format } = this.texts;
    if (format === undefined) return undefined;
    const known = FORMATS.find((name) => name === format);
    if (!known) this.problems.push(`--format is "${format}"; it takes ${FORMATS.join(", ")}.`);
    return known;
  }

  private result(): AuditOptions["result"] {
    const { summary, verify, html, sql, parquet } = this.texts;
    const { folder } = this.context;
    if (this.compared) return { kind: "compare", compared: this.compared };
    if (html !== undefined) return { kind: "html", file: path.resolve(folder, html) };
    if (parquet !== undefined) return { kind: "parquet", file: path.resolve(folder, parquet) };
    if (sql !== undefined) return { kind: "sql", query: sql };
    if (verify) return { kind: "verify" };
    return { kind: summary ? "summary" : this.texts.notable ? "notable" : "list" };
  }

  private rules(): RuleOptions | undefined {
    const { rules = [], known, ...texts } = this.texts;
    const user = (["notable", "failOn", "summary", "html"] as const).find((name) => texts[name]);
    if (!user) {
      const unused = rules.length > 0 ? "--rules" : known === undefined ? undefined : "--known";
      if (unused) {
        this.problems.push(
          `${unused} has no effect without --notable, --summary, --html or --fail-on.`,
        );
      }
      return undefined;
    }
    const resolved = (name: string) => path.resolve(this.context.folder, name);
    return {
      folders: rules.map(resolved),
      knownFile: known === undefined ? undefined : resolved(known),
      isCounted: user === "notable" || user === "failOn",
    };
  }

  private failOn(): Level | undefined {
    const { failOn, follow } = this.texts;
    if (failOn === undefined) return undefined;
    const level = LEVELS.find((name) => name === failOn);
    if (!level) this.problems.push(`--fail-on is "${failOn}"; it takes ${LEVELS.join(", ")}.`);
    if (follow) this.problems.push("--fail-on needs an end, but --follow has none.");
    return level;
  }

  /** A whole number from 1. */
  private count(option: string, text: string | undefined, high: number): number | undefined {
    if (text === undefined) return undefined;
    const number = this.number(option, text, 1, high);
    if (number === undefined || Number.isInteger(number)) return number;
    this.problems.push(`${option} is "${text}"; it takes a whole number.`);
    return undefined;
  }

  private number(option: string, text: string, low: number, high: number): number | undefined {
    const number = Number(text);
    if (text.trim() !== "" && number >= low && number <= high) return number;
    this.problems.push(`${option} is "${text}"; it takes a number from ${low} to ${high}.`);
    return undefined;
  }

  private address(option: string, text: string | undefined): Address | undefined {
    if (text === undefined) return undefined;
    const [, host, port] = /^(\[[\da-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
    if (host && Number(port) >= 1 && Number(port) <= 65535) {
      return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
    }
    this.problems.push(`${option} is "${text}"; it takes HOST:PORT, such as 127.0.0.1:10000.`);
    return undefined;
  }
}
