const NUL = 0;

/** Why and where bytes aren't JSON. Called only for bytes that JSON.parse refused. */
export function jsonProblem(bytes: Buffer, text: string): string {
  const nul = bytes.indexOf(NUL);
  if (nul >= 0) return nulProblem(bytes, nul);
  const at = jsonErrorAt(text);
  const byte = Buffer.byteLength(text.slice(0, at));
  return at >= text.trimEnd().length
    ? `it is cut off after ${byte} bytes, before its JSON object ends`
    : `it isn't JSON from byte ${byte} of the line on`;
}

function nulProblem(bytes: Buffer, first: number): string {
  let count = 0;
  for (const byte of bytes) if (byte === NUL) count += 1;
  return `it contains ${count} NUL bytes, the first at byte ${first} of the line: a write to the file wasn't completed`;
}

/** The position of the first bytes that aren't UTF-8; undefined if every U+FFFD of the text is in the bytes too. */
export function invalidUtf8At(bytes: Buffer, text: string): number | undefined {
  let at = 0;
  let previous = 0;
  for (let mark = text.indexOf("\ufffd"); mark >= 0; mark = text.indexOf("\ufffd", mark + 1)) {
    at += Buffer.byteLength(text.slice(previous, mark));
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) return at;
    previous = mark;
  }
  return undefined;
}

const LITERALS: readonly string[] = ["true", "false", "null"];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * The index of the first character that isn't JSON, or the text's length if it is only incomplete. JSON.parse's message
 * contains the position for some errors only, and quotes the text, which is the user's statement.
 */
export function jsonErrorAt(text: string): number {
  const open: string[] = [];
  let at = 0;
  const take = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : at;
  };
  const takeString = (): boolean => {
    const end = take(STRING);
    const isClosed = end > at && text[end] === '"';
    at = isClosed ? end + 1 : cutEscape(text, end);
    return isClosed;
  };
  let expected: "value" | "first value" | "key" | "first key" | "separator" | "end" = "value";
  for (;;) {
    at = take(SPACE);
    const next = text[at];
    if (next === undefined || expected === "end") return at;
    if (expected === "separator") {
      const closing = open.at(-1);
      if (next === ",") expected = closing === "}" ? "key" : "value";
      else if (next === closing) open.pop();
      else return at;
      at += 1;
    } else if ((expected === "first key" || expected === "first value") && next === open.at(-1)) {
      open.pop();
      at += 1;
      expected = "separator";
    } else if (expected === "first key" || expected === "key") {
      if (next !== '"' || !takeString()) return at;
      at = take(SPACE);
      if (text[at] !== ":") return at;
      at += 1;
      expected = "value";
      continue;
    } else if (next === "{" || next === "[") {
      open.push(next === "{" ? "}" : "]");
      at += 1;
      expected = next === "{" ? "first key" : "first value";
      continue;
    } else if (next === '"') {
      if (!takeString()) return at;
      expected = "separator";
    } else {
      const literal = LITERALS.find((word) => text.startsWith(word, at));
      const end = literal === undefined ? take(NUMBER) : at + literal.length;
      if (isCutValue(text.slice(at, at + MAX_CUT_VALUE))) return text.length;
      if (end === at) return at;
      at = end;
      expected = "separator";
    }
    if (expected === "separator" && open.length === 0) expected = "end";
  }
}

/** Longer than literals, and than numbers of JSON.stringify. */
const MAX_CUT_VALUE = 32;

/** Whether the text may end within a number or a literal. */
const isCutValue = (rest: string): boolean =>
  /^[-+.\deE]+$/.test(rest) || LITERALS.some((word) => word !== rest && word.startsWith(rest));

/** An escape at the text's end is incomplete, not an error. */
function cutEscape(text: string, at: number): number {
  return /^\\(?:u[0-9a-fA-F]{0,3})?$/.test(text.slice(at, at + 6)) ? text.length : at;
}
