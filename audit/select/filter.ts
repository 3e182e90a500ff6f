import * as net from "node:net";
import { UserError } from "../../common/user-error";
import { globMatcher } from "./patterns";
import { type LogRecord, type RecordKind } from "../record";
import { type TimeRange } from "../sources/source";
import { isSystemRecord } from "../system-sessions";

/**
 * What to show, all of it together. Of several values of one filter any will do; none: the filter doesn't apply.
 * A record that lacks a field matches no filter of that field.
 */
export interface FilterOptions {
  /** pgAudit's classes, in any case: READ, WRITE, FUNCTION, ROLE, DDL, MISC, MISC_SET. */
  readonly class?: readonly string[];
  /** Names of users, as PostgreSQL has them (case counts); `*` and `?` as in a shell. */
  readonly user?: readonly string[];
  /** Names of databases, like `user`. */
  readonly database?: readonly string[];
  /** Command tags in any case, `create table`; `*` and `?` as in a shell. */
  readonly command?: readonly string[];
  /** Names of objects, like `user`: `public.*`; without a dot in any schema. */
  readonly object?: readonly string[];
  /** Addresses of clients: `10.1.2.3`, `10.1.2.*`, `10.1.0.0/16`, `[local]`. */
  readonly client?: readonly string[];
  readonly sessionId?: readonly string[];
  readonly processId?: readonly string[];
  readonly kind?: readonly string[];
  /**
   * Text of the statement, the message or its detail, or `/regular expression/flags`. Text without capitals is found
   * in any case, text with some only as it stands.
   */
  readonly grep?: string;
  /** Shows Azure's own sessions too. @default false */
  readonly system?: boolean;
}

/** What becomes of a record; `system`: it would be shown, were it not of Azure's own sessions. */
export type Verdict = "shown" | "filtered" | "system";
export type Filter = (record: LogRecord) => Verdict;

type Test = (record: LogRecord) => boolean;
type TextTest = (text: string) => boolean;

/** Source: pgAudit's README, pgaudit.log. */
const CLASSES = ["READ", "WRITE", "FUNCTION", "ROLE", "DDL", "MISC", "MISC_SET"];
const KINDS: readonly RecordKind[] = ["audit", "error", "connection", "statement", "log"];

/** Splits a list as it is typed: `READ, WRITE`. */
export function splitList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/**
 * Makes one function of the filters and the range of time.
 * @throws UserError for a value that can't be meant
 */
export function compileFilter(options: FilterOptions, range: TimeRange = {}): Filter {
  const tests = [
    ...timeTests(range),
    ...oneOf(options.kind, (values) => within(KINDS, "--kind", values, lower), "kind"),
    ...oneOf(options.class, (values) => within(CLASSES, "--class", values, upper), "class"),
    ...oneOf(options.user, globs, "user_name"),
    ...oneOf(options.database, globs, "database_name"),
    ...oneOf(options.command, (values) => globs(values.map(upper)), "command"),
    ...oneOf(options.object, (values) => anyOf(values.map(objectTest)), "object_name"),
    ...oneOf(options.client, (values) => anyOf(values.map(clientTest)), "client"),
    ...oneOf(options.sessionId, globs, "session_id"),
    ...processIdTests(options.processId),
    ...(options.grep === undefined ? [] : [grepTest(options.grep)]),
  ];
  const { system = false } = options;
  return (record) => {
    for (const test of tests) if (!test(record)) return "filtered";
    return !system && isSystemRecord(record) ? "system" : "shown";
  };
}

function timeTests({ since, until }: TimeRange): Test[] {
  // Records have their times as text that sorts.
  const [from, to] = [since?.toISOString(), until?.toISOString()];
  return [
    ...(from === undefined ? [] : [({ time }: LogRecord) => time >= from]),
    ...(to === undefined ? [] : [({ time }: LogRecord) => time < to]),
  ];
}

type TextField = "kind" | "class" | "user_name" | "database_name" | "command" | "object_name";

function oneOf(
  values: readonly string[] | undefined,
  compile: (values: readonly string[]) => TextTest,
  field: TextField | "client" | "session_id",
): Test[] {
  if (values === undefined || values.length === 0) return [];
  const test = compile(values);
  return [
    (record) => {
      const value = record[field];
      return value !== null && test(value);
    },
  ];
}

function anyOf(tests: readonly TextTest[]): TextTest {
  const [only] = tests;
  return only && tests.length === 1 ? only : (text) => tests.some((test) => test(text));
}

function globs(values: readonly string[]): TextTest {
  return anyOf(values.map(globMatcher));
}

const upper = (text: string) => text.toUpperCase();
const lower = (text: string) => text.toLowerCase();

function within(
  known: readonly string[],
  option: string,
  values: readonly string[],
  normalize: (text: string) => string,
): TextTest {
  const wanted = new Set(values.map(normalize));
  for (const value of values) {
    if (known.includes(normalize(value))) continue;
    throw new UserError(`${option} is "${value}"; give one or more of ${known.join(", ")}`);
  }
  return (text) => wanted.has(text);
}

function objectTest(pattern: string): TextTest {
  const matches = globMatcher(pattern);
  if (pattern.includes(".")) return matches;
  return (name) => matches(name) || matches(name.slice(name.lastIndexOf(".") + 1));
}

function clientTest(pattern: string): TextTest {
  const [address = "", length, ...rest] = pattern.split("/");
  if (length === undefined) return globMatcher(pattern);
  const version = net.isIP(address);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits) {
    throw new UserError(
      `--client is "${pattern}"; give an address, its beginning with a *, or a range: 10.1.2.3, 10.1.*, 10.1.0.0/16`,
    );
  }
  const range = new net.BlockList();
  range.addSubnet(address, Number(length), version === 4 ? "ipv4" : "ipv6");
  return (client) => {
    const family = net.isIP(client);
    return family !== 0 && range.check(client, family === 4 ? "ipv4" : "ipv6");
  };
}

function processIdTests(values: readonly string[] | undefined): Test[] {
  if (values === undefined || values.length === 0) return [];
  for (const value of values) {
    if (/^\d{1,10}$/.test(value)) continue;
    throw new UserError(
      `--pid is "${value}"; give the number of a server process, for example 4711`,
    );
  }
  const wanted = new Set(values.map(Number));
  return [({ process_id }) => process_id !== null && wanted.has(process_id)];
}

function grepTest(pattern: string): Test {
  const test = textTest(pattern);
  return ({ statement, message, detail }) =>
    (statement !== null && test(statement)) ||
    (message !== null && test(message)) ||
    (detail !== null && test(detail));
}

function textTest(pattern: string): TextTest {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [];
  if (source !== undefined) {
    const expression = regularExpression(source, flags ?? "");
    return (text) => expression.test(text);
  }
  if (!findsAnyCase(pattern)) return (text) => text.includes(pattern);
  const expression = new RegExp(pattern.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&"), "i");
  return (text) => expression.test(text);
}

/** Whether --grep's text is found in capitals too. */
export function findsAnyCase(text: string): boolean {
  return text === text.toLowerCase() && text !== text.toUpperCase();
}

/** Whether --grep gives a regular expression, not text. */
export function isRegularExpression(pattern: string): boolean {
  return /^\/.+\/[a-z]*$/s.test(pattern);
}

function regularExpression(source: string, flags: string): RegExp {
  try {
    // These two would make a test depend on the one before.
    return new RegExp(source, flags.replace(/[gy]/g, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`--grep is no regular expression: ${reason}`);
  }
}
