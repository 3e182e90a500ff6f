import { epochMilliseconds, type JsonLogLine } from "./log-line-prefix";

/** Each line begins with it, and in a value its quotes are escaped. Source: PostgreSQL 15, jsonlog.c. */
const START = '{"timestamp":"';

export interface ParsedLines {
  readonly lines: readonly JsonLogLine[];
  /** Lines, or starts of lines, that can't be read. */
  readonly damaged: number;
}

/**
 * Parses lines of PostgreSQL's jsonlog. On a full disk, PostgreSQL writes a part of a line and then the next one behind it:
 * the part is left out.
 */
export function parseLogLines(texts: readonly string[]): ParsedLines {
  const lines: JsonLogLine[] = [];
  let damaged = 0;
  for (const text of texts) {
    const whole = parseLine(text);
    const line = whole ?? parseLine(text.slice(Math.max(0, text.lastIndexOf(START))));
    if (line) lines.push(line);
    if (!whole && text !== "") damaged++;
  }
  return { lines, damaged };
}

function parseLine(text: string): JsonLogLine | undefined {
  try {
    const line = JSON.parse(text) as JsonLogLine;
    return Number.isFinite(epochMilliseconds(line.timestamp)) ? line : undefined;
  } catch {
    return undefined;
  }
}
