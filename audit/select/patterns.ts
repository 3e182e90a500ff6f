import { UserError } from "../../common/user-error";

export type TextTest = (text: string) => boolean;

/** Compiles a pattern of names: `*` matches any characters, `?` matches one, other characters match themselves. */
export function globMatcher(pattern: string): TextTest {
  if (!isGlob(pattern)) return (text) => text === pattern;
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replace(/\*+/g, "[^]*")
    .replace(/\?/g, "[^]");
  const expression = new RegExp(`^${source}$`, "u");
  return (text) => expression.test(text);
}

export interface Exclusions {
  readonly included: readonly string[];
  /** Without their `!`. */
  readonly excluded: readonly string[];
}

/**
 * Divides the values of a filter: one that begins with `!` excludes.
 * @throws UserError for a `!` alone
 */
export function splitExclusions(values: readonly string[]): Exclusions {
  if (values.includes("!")) {
    throw new UserError(
      "A filter's value is \"!\"; write what it excludes after it without a space, in single quotes: '!alice'",
    );
  }
  return {
    included: values.filter((value) => !isExclusion(value)),
    excluded: values.filter(isExclusion).map((value) => value.slice(1)),
  };
}

export const isExclusion = (value: string): boolean => value.startsWith("!");

export function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/**
 * Compiles --grep: a text, or `/regular expression/flags`.
 * @throws UserError for an invalid regular expression
 */
export function grepMatcher(pattern: string): TextTest {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [];
  if (source !== undefined) {
    const expression = regularExpression(source, flags ?? "");
    return (text) => expression.test(text);
  }
  if (!ignoresCase(pattern)) return (text) => text.includes(pattern);
  const expression = new RegExp(pattern.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&"), "i");
  return (text) => expression.test(text);
}

/** Whether --grep is a text without capitals, which matches in any case. */
export function ignoresCase(pattern: string): boolean {
  return pattern === pattern.toLowerCase() && pattern !== pattern.toUpperCase();
}

export function isRegularExpression(pattern: string): boolean {
  return /^\/.+\/[a-z]*$/s.test(pattern);
}

function regularExpression(source: string, flags: string): RegExp {
  try {
    // With g or y the result would depend on the previous match.
    return new RegExp(source, flags.replace(/[gy]/g, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`--grep is not a valid regular expression: ${reason}`);
  }
}
