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
}

/** Names session, database, user, application and client; recommended for servers whose prefix names no user. */
export const RECOMMENDED_PREFIX = "%t %p %l-1 %c %s db-%d,user-%u,app-%a,client-%h ";

/**
 * Prefixes that are recognised without --log-line-prefix: the recommended one; that of the original workshop; Azure's default ("Server parameters in
 * Azure Database for PostgreSQL", log_line_prefix); PostgreSQL's default; Debian's. No line fits two of them.
 */
export const KNOWN_PREFIXES: readonly string[] = [
  RECOMMENDED_PREFIX,
  "%t %p %l-1 db-%d,user-%u,app-%a,client-%h ",
  "%t-%c-",
  "%m [%p] ",
  "%m [%p] %q%u@%d ",
];

const LETTERS = "abcdehilmnprstuvxPQ";

/** Parses a log_line_prefix as PostgreSQL does: unknown escapes are omitted. */
export function parseLogLinePrefix(format: string): LogLinePrefix {
  const parts: Part[] = [];
  let partsWithoutSession: number | undefined;
  const addLiteral = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === "string" && partsWithoutSession !== parts.length) {
      parts[parts.length - 1] = last + text;
    } else parts.push(text);
  };
  const escape = /%(?:(%)|(-?)(\d*)([^])|$)|[^%]+/g;
  for (const [text, percent, minus, digits, letter] of format.matchAll(escape)) {
    if (percent !== undefined) addLiteral("%");
    else if (!text.startsWith("%")) addLiteral(text);
    else if (letter === "q") partsWithoutSession ??= parts.length;
    else if (letter !== undefined && LETTERS.includes(letter)) {
      parts.push({ letter, padding: Number(digits) * (minus === "-" ? -1 : 1) });
    }
  }
  return { format, parts, partsWithoutSession: partsWithoutSession ?? parts.length };
}

/** Whether lines with this prefix contain the user's name. */
export function namesUser({ parts }: LogLinePrefix): boolean {
  return parts.some((part) => typeof part !== "string" && part.letter === "u");
}
