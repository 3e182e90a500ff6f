const LONGEST = 80;

/** A value as JSON on one line, for messages; a long one is cut. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}
