import { oneLine, terminalText } from "../../output/terminal-text";
import type { LogRecord } from "../../record";

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Creates an element; an attribute with the value true has no text, one with false or undefined is omitted. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes,
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) created.setAttribute(name, "");
    else if (value !== undefined && value !== false) created.setAttribute(name, String(value));
  }
  created.append(...content);
  return created;
}

export function button(
  attributes: Attributes,
  onClick: () => void,
  ...content: readonly (Node | string)[]
): HTMLButtonElement {
  const created = element("button", { type: "button", ...attributes }, ...content);
  created.addEventListener("click", onClick);
  return created;
}

export function byId<Found extends HTMLElement = HTMLElement>(id: string): Found {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Found;
}

/** A line of the table shows at most this much of a text. */
const LINE_LENGTH = 400;

/** The text with its line ends and tabs; other control characters become visible. */
export function visibleText(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 1 ? part : terminalText(part)))
    .join("");
}

/** The text in one line, cut if it is long. */
export function lineOf(text: string): string {
  const line = oneLine(text.slice(0, LINE_LENGTH));
  return text.length > LINE_LENGTH ? `${line}…` : line;
}

/** A record's statement, or the reason why it was omitted, or the message. */
export function statementOrMessage(record: LogRecord): string {
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
