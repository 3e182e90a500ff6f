import stringWidth from "string-width";
import { terminalText } from "../../common/terminal-text";

export { terminalText };

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const ELLIPSIS = "…";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The text in one line, with one space between words. */
export function oneLine(text: string): string {
  return terminalText(text.replace(/\s+/g, " ").trim());
}

/** The width of the text in terminal columns: two for a wide character, zero for a combining one. */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** Cuts the text to a number of columns; a cut text ends with an ellipsis. */
export function cutToWidth(text: string, width: number): string {
  if (PRINTABLE_ASCII.test(text)) {
    return text.length <= width ? text : `${text.slice(0, width - 1)}${ELLIPSIS}`;
  }
  // The length to keep if the text is too long, which leaves a column for the ellipsis.
  let keptLength = 0;
  let length = 0;
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += graphemeWidth(segment);
    if (used > width) return `${text.slice(0, keptLength)}${ELLIPSIS}`;
    length += segment.length;
    if (used < width) keptLength = length;
  }
  return text;
}

/** Cuts or pads the text to a number of columns. */
export function fitToWidth(text: string, width: number): string {
  if (text.length <= width && PRINTABLE_ASCII.test(text)) return text.padEnd(width);
  const cut = cutToWidth(text, width);
  return cut + " ".repeat(width - textWidth(cut));
}

/** A base character and the characters that join it have the width of one. */
function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && PRINTABLE_ASCII.test(grapheme)) return 1;
  return Math.min(2, stringWidth(grapheme));
}
