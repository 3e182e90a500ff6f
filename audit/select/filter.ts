import { UserError } from "../../common/user-error";
import type { LogRecord, RecordKind } from "../record";
import { addressRange } from "./address-range";
import { globMatcher, grepMatcher, splitExclusions, type TextTest } from "./patterns";

/**
 * The filters of the command line. A record is shown if every filter matches; a filter matches if any of its values
 * does, and none of those that begin with `!`. A filter without values isn't applied. A record without a field matches no
 * value of that field, so it matches a filter that only excludes. An ambiguous record without a field matches: the
 * filter's value may be the one that a misleading name hides.
 */
export interface FilterOptions {
  /** pgAudit's classes, in any case: READ, WRITE, FUNCTION, ROLE, DDL, MISC, MISC_SET. */
  readonly class?: readonly string[];
  /** Names of users, case-sensitive; `*` and `?` as in a shell. */
  readonly user?: readonly string[];
  /** Names of databases, like `user`. */
  readonly database?: readonly string[];
  /** Command tags in any case; `*` and `?` as in a shell. */
  readonly command?: readonly string[];
  /** Names of objects, like `user`: `public.*`; a name without a dot matches in any schema. */
  readonly object?: readonly string[];
  /** Addresses of clients: `10.1.2.3`, `10.1.2.*`, `10.1.0.0/16`, `[local]`. */
  readonly client?: readonly string[];
  readonly sessionId?: readonly string[];
  readonly processId?: readonly string[];
  readonly kind?: readonly string[];
  /** Names of servers in any case; `*` and `?` as in a shell. */
  readonly server?: readonly string[];
  /**
   * Text of the statement, the message or its detail, or `/regular expression/flags`. Text without capitals matches in
   * any case, other text exactly. With `!` before it: records that don't contain it.
   */
  readonly grep?: string;
  /** Whether to show Azure's own sessions too. @default false */
  readonly system?: boolean;
}

/** `system`: the filters match, but the record is from one of Azure's own sessions. */
export type Verdict = "shown" | "filtered" | "system";
export type Filter = (record: LogRecord) => Verdict;

type Test = (record: LogRecord) => boolean;

/** Source: pgAudit's README, pgaudit.log. */
const CLASSES = ["READ", "WRITE", "FUNCTION", "ROLE", "DDL", "MISC", "MISC_SET"];
const KINDS: readonly RecordKind[] = ["audit", "error", "connection", "statement", "log"];

/** @throws UserError for an invalid value */
export function compileFilter(options: FilterOptions): Filter {
  const servers = oneOf(options.server, serverNames, "server");
  const tests = [
    ...oneOf(options.kind, (values) => within(KINDS, "--kind", values, lower), "kind"),
    ...oneOf(options.class, (values) => within(CLASSES, "--class", values, upper), "class"),
    ...oneOf(options.user, globs, "user_name"),
    ...oneOf(options.database, globs, "database_name"),
    ...oneOf(options.command, (values) => globs(values.map(upper)), "command"),
    ...oneOf(options.object, (values) => anyOf(values.map(objectTest)), "object_name"),
    ...oneOf(options.client, (values) => anyOf(values.map(clientTest)), "client"),
    ...oneOf(options.sessionId, globs, "session_id"),
    ...oneOf(options.processId, processIds, "process_id"),
    ...(options.grep === undefined ? [] : [grepTest(options.grep)]),
  ];
  const { system = false } = options;
  return (record) => {
    for (const test of servers) if (!test(record)) return "filtered";
    // Of such a line only the time and the server are certain.
    if (record.ambiguous === "message") return "shown";
    for (const test of tests) if (!test(record)) return "filtered";
    return !system && isSystemRecord(record) ? "system" : "shown";
  };
}

type ListField =
  | "kind"
  | "class"
  | "server"
  | "user_name"
  | "database_name"
  | "command"
  | "object_name"
  | "client"
  | "session_id"
  | "process_id";

function oneOf(
  values: readonly string[] = [],
  compile: (values: readonly string[]) => TextTest,
  field: ListField,
): Test[] {
  if (values.length === 0) return [];
  const test = listTest(values, compile);
  return [
    (record) => {
      const value = record[field];
      if (value === null && record.ambiguous !== null) return true;
      return test(value === null ? null : String(value));
    },
  ];
}

/** Whether a value, null for none, is one of the included values and none of the excluded ones. */
function listTest(
  values: readonly string[],
  compile: (values: readonly string[]) => TextTest,
): (value: string | null) => boolean {
  const { included, excluded } = splitExclusions(values);
  const isIncluded = included.length === 0 ? undefined : compile(included);
  const isExcluded = excluded.length === 0 ? undefined : compile(excluded);
  return (value) => {
    if (value === null) return isIncluded === undefined;
    return (isIncluded?.(value) ?? true) && !isExcluded?.(value);
  };
}

/** A test of servers' names as --server has them, for the folders of servers. */
export function serverTest(values: readonly string[] = []): TextTest {
  return listTest(values, serverNames);
}

function serverNames(values: readonly string[]): TextTest {
  const test = globs(values.map(lower));
  return (name) => test(name.toLowerCase());
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
  if (!pattern.includes("/")) return globMatcher(pattern);
  const range = addressRange(pattern);
  if (range) return range;
  throw new UserError(
    `--client is "${pattern}"; give an address, its beginning with a *, or a range: 10.1.2.3, 10.1.*, 10.1.0.0/16`,
  );
}

function processIds(values: readonly string[]): TextTest {
  for (const value of values) {
    if (/^\d{1,10}$/.test(value)) continue;
    throw new UserError(
      `--pid is "${value}"; give the number of a server process, for example 4711`,
    );
  }
  const wanted = new Set(values.map((value) => String(Number(value))));
  return (processId) => wanted.has(processId);
}

function grepTest(text: string): Test {
  const {
    included: [pattern],
    excluded: [unwanted],
  } = splitExclusions([text]);
  const test = grepMatcher(pattern ?? unwanted ?? "");
  const contains: Test = ({ statement, message, detail }) =>
    (statement !== null && test(statement)) ||
    (message !== null && test(message)) ||
    (detail !== null && test(detail));
  return pattern === undefined ? (record) => !contains(record) : contains;
}

/** The role of Azure's own agents. Source: public samples of PT1H.json, 2022 to 2024. */
const SYSTEM_USER = "azuresu";
const UNKNOWN = "[unknown]";

/**
 * Whether a record is from one of Azure's own sessions, which monitor the server: those of the user `azuresu`, and
 * connections from the server's own machine that aren't authenticated yet. An ambiguous record isn't: a role may be
 * called `azuresu,app-x`.
 */
export function isSystemRecord(record: LogRecord): boolean {
  const { user_name: user, kind, ambiguous } = record;
  if (ambiguous !== null) return false;
  if (user === SYSTEM_USER) return true;
  if (kind !== "connection" || (user !== null && user !== UNKNOWN)) return false;
  if (record.client !== null) return isAzuresAddress(record.client);
  // A prefix like Azure's default contains neither user nor client; the message may.
  const message = record.message ?? "";
  return /\buser=azuresu\b/.test(message) || isAzuresAddress(/\bhost=(\S+)/.exec(message)?.[1]);
}

/** The server's own machine, and the link-local addresses from which Azure's agents connect. */
function isAzuresAddress(client: string | undefined): boolean {
  return client !== undefined && (client === "127.0.0.1" || client.startsWith("169.254."));
}
