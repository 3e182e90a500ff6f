import type { TextTest } from "../../select/patterns";

const ANY = Symbol("*");
const ONE = Symbol("?");
type Part = string | typeof ANY | typeof ONE;
/** Literal text and wildcards. */
export type TextPattern = readonly Part[];

/**
 * Parses a Sigma text: `*` is any text, `?` is one character. A backslash before `*`, `?` or a backslash makes this a
 * plain character; any other backslash is one. Source: Sigma rules specification 2.1, "Escape Character".
 */
export function parseTextPattern(text: string): TextPattern {
  const parts: Part[] = [];
  let literal = "";
  const push = (...wildcard: Part[]) => {
    if (literal !== "") parts.push(literal);
    literal = "";
    parts.push(...wildcard);
  };
  const tokens = text.match(/\\[\\*?]|[^]/gu) ?? [];
  for (const token of tokens) {
    if (token === "*") push(ANY);
    else if (token === "?") push(ONE);
    else literal += token.length === 2 && token.startsWith("\\") ? token.slice(1) : token;
  }
  push();
  return parts;
}

export const startsWith = (pattern: TextPattern): TextPattern => [...pattern, ANY];
export const endsWith = (pattern: TextPattern): TextPattern => [ANY, ...pattern];
export const contains = (pattern: TextPattern): TextPattern => [ANY, ...pattern, ANY];

/** Whether a text matches one of the patterns; in any case unless `cased`. */
export function textTest(patterns: readonly TextPattern[], cased: boolean): TextTest {
  const literals = patterns.map(literalOf);
  if (literals.every((literal) => literal !== undefined)) {
    if (cased) {
      const values = new Set(literals);
      return (text) => values.has(text);
    }
    const values = new Set(literals.map((literal) => literal.toLowerCase()));
    return (text) => values.has(text.toLowerCase());
  }
  const words = patterns.map(searchedWord);
  if (!cased && words.every((word) => word !== undefined)) return wordSearch(words);
  const expression = new RegExp(patterns.map(sourceOf).join("|"), cased ? "su" : "isu");
  return (text) => expression.test(text);
}

/** The text of a pattern without wildcards. */
function literalOf(pattern: TextPattern): string | undefined {
  const [part = ""] = pattern;
  return pattern.length <= 1 && typeof part === "string" ? part : undefined;
}

function sourceOf(pattern: TextPattern): string {
  const parts = [...pattern];
  // A search needs no expression for the text around it.
  const start = parts[0] === ANY ? (parts.shift(), "") : "^";
  const end = parts[parts.length - 1] === ANY ? (parts.pop(), "") : "$";
  const sources = parts.map((part) =>
    typeof part === "string"
      ? part.replace(/[\\^$.|?*+()[\]{}/]/g, "\\$&")
      : part === ANY
        ? ".*"
        : ".",
  );
  return `${start}${sources.join("")}${end}`;
}

/** A text to search in any case, with a character that has no case. */
interface SearchedWord {
  readonly lowerCase: string;
  readonly anchor: string;
  readonly anchorAt: number;
}

/** Undefined if the pattern isn't `contains` of ASCII text with a rare character without case. */
function searchedWord(pattern: TextPattern): SearchedWord | undefined {
  const [before, text, after] = pattern;
  if (pattern.length !== 3 || before !== ANY || after !== ANY) return undefined;
  if (typeof text !== "string" || !/^[\x20-\x7e]+$/.test(text)) return undefined;
  const anchorAt = text.search(/[^a-zA-Z ]/);
  const anchor = text[anchorAt];
  return anchor === undefined ? undefined : { lowerCase: text.toLowerCase(), anchor, anchorAt };
}

/**
 * Searches words as `_` in set_config: by the character without case, which is many times faster than a regular
 * expression in any case. Most statements are searched for a word.
 */
function wordSearch(words: readonly SearchedWord[]): TextTest {
  const anchors = [...new Set(words.map(({ anchor }) => anchor))];
  const groups = anchors.map((anchor) => words.filter((word) => word.anchor === anchor));
  return (text) => groups.some((group, index) => hasWord(text, anchors[index] ?? "", group));
}

function hasWord(text: string, anchor: string, words: readonly SearchedWord[]): boolean {
  for (let at = text.indexOf(anchor); at >= 0; at = text.indexOf(anchor, at + 1)) {
    for (const word of words) if (isAt(text, at - word.anchorAt, word.lowerCase)) return true;
  }
  return false;
}

function isAt(text: string, start: number, lowerCase: string): boolean {
  if (start < 0 || start + lowerCase.length > text.length) return false;
  for (let index = 0; index < lowerCase.length; index++) {
    const code = text.charCodeAt(start + index);
    const isCapital = code >= 0x41 && code <= 0x5a;
    if ((isCapital ? code + 0x20 : code) !== lowerCase.charCodeAt(index)) return false;
  }
  return true;
}
