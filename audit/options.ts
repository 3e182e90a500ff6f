import * as path from "node:path";
import { splitList } from "../common/split-list";
import { UserError } from "../common/user-error";
import { compileFilter, type FilterOptions } from "./select/filter";
import { parseTime, type TimeRange } from "./select/time-range";

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
  readonly filters: FilterOptions;
  readonly logLinePrefix?: string;
  readonly timeZone?: string;
  /** Undefined: `table` on a terminal, otherwise `json`. */
  readonly format?: Format;
  readonly result:
    | { readonly kind: "list" | "summary" }
    | { readonly kind: "html" | "parquet"; readonly file: string }
    | { readonly kind: "sql"; readonly query: string };
  readonly threads?: number;
}

/** The options as commander returns them. */
export interface OptionTexts {
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

/** A storage account may contain years: without a range its last hour is read. Paths are read whole. */
export const DEFAULT_SINCE = "1h";

export interface OptionContext {
  readonly paths: readonly string[];
  /** Relative paths start here. */
  readonly folder: string;
  readonly now: Date;
  /** Whether a trail is found without paths and --container-url. */
  readonly hasStacks: boolean;
}

/** Converts the texts to values, and collects all problems. */
export class OptionReader {
  readonly problems: string[] = [];

  constructor(
    private readonly texts: OptionTexts,
    private readonly context: OptionContext,
  ) {}

  read(): AuditOptions {
    const { texts } = this;
    this.checkCombinations();
    this.checkPlaces();
    return {
      paths: this.context.paths,
      stack: texts.stack,
      containerUrl: texts.containerUrl,
      connectTo: this.address("--connect-to", texts.connectTo),
      follow: texts.follow ?? false,
      intervalSeconds: this.number("--interval", texts.interval, 0.1, 3600) ?? 1,
      range: this.range(),
      filters: this.filters(),
      logLinePrefix: texts.logLinePrefix,
      timeZone: texts.timeZone,
      format: this.format(),
      result: this.result(),
      threads: texts.threads === undefined ? undefined : this.threads(texts.threads),
    };
  }

  private range(): TimeRange {
    const { since, until, follow } = this.texts;
    const isOpen = this.context.paths.length > 0 || follow;
    const start = since ?? (isOpen ? undefined : DEFAULT_SINCE);
    const range = { since: this.time("--since", start), until: this.time("--until", until) };
    if (range.since && range.until && range.since >= range.until) {
      this.problems.push(
        `--since (${range.since.toISOString()}) isn't before --until (${range.until.toISOString()}).`,
      );
    }
    return range;
  }

  private time(option: string, text: string | undefined): Date | undefined {
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
    const { summary, html, sql, parquet } = this.texts;
    const { folder } = this.context;
    if (html !== undefined) return { kind: "html", file: path.resolve(folder, html) };
    if (parquet !== undefined) return { kind: "parquet", file: path.resolve(folder, parquet) };
    if (sql !== undefined) return { kind: "sql", query: sql };
    return { kind: summary ? "summary" : "list" };
  }

  private checkCombinations(): void {
    const { texts, problems } = this;
    const [first, second] = (["summary", "html", "sql", "parquet"] as const).filter(
      (name) => texts[name] !== undefined,
    );
    if (first && second) problems.push(`--${first} and --${second} exclude each other.`);
    if (first && texts.follow) {
      problems.push(`--${first} needs an end, but --follow has none; use --since and --until.`);
    }
    if (texts.follow && texts.until !== undefined) {
      problems.push("--follow continues until Ctrl-C; leave out --until.");
    }
    if ((first === "html" || first === "parquet") && texts.format !== undefined) {
      problems.push(`--${first} determines the format; leave out --format.`);
    }
    if ((first === "sql" || first === "summary") && texts.format === "raw") {
      problems.push(`--${first} has no raw lines; use table, json or csv.`);
    }
  }

  private checkPlaces(): void {
    const { texts, context, problems } = this;
    const places = [
      ...(context.paths.length > 0 ? ["paths"] : []),
      ...(texts.stack === undefined ? [] : ["--stack"]),
      ...(texts.containerUrl === undefined ? [] : ["--container-url"]),
    ];
    if (places.length > 1) {
      problems.push(
        `${places.join(" and ")} exclude each other: the trail is read from one place.`,
      );
    }
    if (places.length === 0 && !context.hasStacks) {
      problems.push(
        "Nothing to read: give files or folders, - for standard input, or --container-url.",
      );
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
