/** An escape of log_line_prefix. Source: PostgreSQL 15, "log_line_prefix"; elog.c. */
export interface Escape {
  readonly letter: string;
  /** `%-10u` is padded with spaces on the right to ten characters, `%10u` on the left; 0: not padded. */
  readonly padding: number;
}

export type Part = string | Escape;

export interface LogLinePrefix {
  readonly format: string;
  readonly parts: readonly Part[];
  /** Number of parts that a process without a session writes: those before %q. */
  readonly partsWithoutSession: number;
  /** The format up to %q; undefined without one. */
  readonly formatWithoutSession: string | undefined;
}

/** Names session, database, user, application and client; recommended for servers whose prefix names no user. */
export const RECOMMENDED_PREFIX = "%t %p %l-1 %c %s db-%d,user-%u,app-%a,client-%h ";

/**
 * Prefixes that are recognised without --log-line-prefix: the recommended one; that of the original workshop; Azure's
 * default ("Server parameters in Azure Database for PostgreSQL", log_line_prefix); PostgreSQL's default; Debian's; those
 * of Amazon RDS, Heroku and pganalyze ("Log Insights", "Supported log_line_prefix settings").
 */
export const KNOWN_PREFIXES: readonly string[] = [
  RECOMMENDED_PREFIX,
  "%t %p %l-1 db-%d,user-%u,app-%a,client-%h ",
  "%t-%c-",
  "%m [%p] ",
  "%m [%p] %q%u@%d ",
  "%m [%p] %q[user=%u,db=%d,app=%a] ",
  "%m [%p] %q[user=%u,db=%d,app=%a,host=%h] ",
  "%m [%p][%v] : [%l-1] %q[app=%a] ",
  "%m [%p][%b][%v][%x] %q[user=%u,db=%d,app=%a] ",
  "%m [%p]: [%l-1] db=%d,user=%u ",
  "%m %r %u %a [%c] [%p] ",
  "%t [%p] %q%u@%d %h ",
  "%t [%p-%l] %q%u@%d ",
  "%t [%p]: [%l-1] user=%u,db=%d - PG-%e ",
  "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
  "%t [%p]: [%l-1] [trx_id=%x] user=%u,db=%d ",
  "%t:%r:%u@%d:[%p]:",
  "%p-%s-%c-%l-%h-%u-%d-%m ",
  "[%p]: [%l-1] db=%d,user=%u ",
  "pid=%p,user=%u,db=%d,app=%a,client=%h ",
  "user=%u,db=%d,app=%a,client=%h ",
  " sql_error_code = %e ",
  ' sql_error_code = %e time_ms = "%m" pid="%p" proc_start_time="%s" session_id="%c" vtid="%v" tid="%x" log_line="%l" ' +
    '%qdatabase="%d" connection_source="%r" user="%u" application_name="%a" ',
];

const LETTERS = "abcdehilmnprstuvxPQ";

/** Parses a log_line_prefix as PostgreSQL does: unknown escapes are omitted. */
export function parseLogLinePrefix(format: string): LogLinePrefix {
  const parts: Part[] = [];
  let partsWithoutSession: number | undefined;
  let formatWithoutSession: string | undefined;
  const addLiteral = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === "string" && partsWithoutSession !== parts.length) {
      parts[parts.length - 1] = last + text;
    } else parts.push(text);
  };
  const escape = /%(?:(%)|(-?)(\d*)([^])|$)|[^%]+/g;
  for (const match of format.matchAll(escape)) {
    const [text, percent, minus, digits, letter] = match;
    if (percent !== undefined) addLiteral("%");
    else if (!text.startsWith("%")) addLiteral(text);
    else if (letter === "q") {
      partsWithoutSession ??= parts.length;
      formatWithoutSession ??= format.slice(0, match.index);
    } else if (letter !== undefined && LETTERS.includes(letter)) {
      parts.push({ letter, padding: Number(digits) * (minus === "-" ? -1 : 1) });
    }
  }
  return {
    format,
    parts,
    partsWithoutSession: partsWithoutSession ?? parts.length,
    formatWithoutSession,
  };
}

/** Whether lines with this prefix contain the user's name. */
export function namesUser({ parts }: LogLinePrefix): boolean {
  return parts.some((part) => typeof part !== "string" && part.letter === "u");
}
