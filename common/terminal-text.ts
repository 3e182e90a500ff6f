/**
 * Characters that aren't printed on a terminal: control characters (an escape sequence in a statement could clear the
 * screen or set its title), characters that change the direction of text or have no width, and unpaired surrogates.
 * The joiners are printed: emoji and some scripts need them.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** The text with unsafe characters as escapes: `\x1b`, `\u202e`. */
export function terminalText(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    const hex = code.toString(16);
    return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
  });
}

/** The same for a text of several lines: its line feeds and tabs stay. */
export function terminalLines(text: string): string {
  return text.replace(/[^\n\t]+/g, terminalText);
}
