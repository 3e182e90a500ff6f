import { oneLine, terminalText } from "../../output/terminal-text";
import { type LogRecord } from "../../record";

/** Of a long text, what a line of the table may show. */
const LINE_LENGTH = 400;

/** The text for reading, over as many lines as it has: other control characters are made visible. */
export function visibleText(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 1 ? part : terminalText(part)))
    .join("");
}

/** The text in one line, cut where it is long. */
export function lineOf(text: string): string {
  const line = oneLine(text.slice(0, LINE_LENGTH));
  return text.length > LINE_LENGTH ? `${line}…` : line;
}

/** What a record says: its statement, or why there is none, or its message. */
export function sayingOf(record: LogRecord): string {
  const { statement, statement_omitted: omitted, message } = record;
  return statement ?? (omitted === null ? message : `<${omitted}>`) ?? "";
}

export function count(number: number): string {
  return number.toLocaleString("en-US");
}

export function records(number: number): string {
  return `${count(number)} ${number === 1 ? "record" : "records"}`;
}

/** `2026-11-22 17:51:17`, of a time in ISO 8601. */
export function timeOf(time: string): string {
  return time.slice(0, "2026-11-22T17:51:17".length).replace("T", " ");
}
