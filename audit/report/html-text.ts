import { oneLine } from "../output/terminal-text";

/** For content and attributes; control characters become visible. */
export function escapeHtml(text: string): string {
  return oneLine(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A time in ISO 8601, by default as `2026-11-22 17:51:17`. */
export function timeElement(time: string, text = `${day(time)} ${clock(time)}`): string {
  return `<time datetime="${escapeHtml(time)}">${escapeHtml(text)}</time>`;
}

/** The day is written once if both times have the same. */
export function rangeText(first: string, last: string): string {
  const end = day(first) === day(last) ? timeElement(last, clock(last)) : timeElement(last);
  return `${timeElement(first)} to ${end} UTC`;
}

export function day(time: string): string {
  return time.slice(0, "2026-11-22".length);
}

function clock(time: string): string {
  return time.slice("2026-11-22T".length, "2026-11-22T17:51:17".length);
}
