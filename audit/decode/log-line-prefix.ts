/** An escape of log_line_prefix. Source: PostgreSQL 15, "log_line_prefix"; elog.c. */
export interface Escape {
  readonly letter: string;
  /** `%-10u` is padded with spaces on the right to ten characters, `%10u` on the left; 0: as long as it is. */
  readonly padding: number;
}

export type Part = string | Escape;

/** What a log_line_prefix says. */
export interface LogLinePrefix {
  readonly format: string;
  readonly parts: readonly Part[];
  /** How many parts a process without a session writes: those before %q. */
  readonly partsWithoutSession: number;
}

const LETTERS = "abcdehilmnprstuvxPQ";

/** Takes a log_line_prefix apart as PostgreSQL does: what it doesn't know as an escape, it leaves out. */
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

/** Whether lines with this prefix say who the user is. */
export function namesUser({ parts }: LogLinePrefix): boolean {
  return parts.some((part) => typeof part !== "string" && part.letter === "u");
}
