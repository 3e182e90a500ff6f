import type { Part } from "./log-line-prefix";
import { prefixFields } from "./prefix-fields";
import type { TailReading } from "./prefix-matcher";
import { valueRule } from "./prefix-values";

/** What a prefix's escapes stand for, by their letters, without padding. */
export type PrefixValues = Readonly<Record<string, string>>;

/** Enough for any prefix with literals between its escapes; one that needs more can be read in more ways than one. */
const MAX_STEPS = 20_000;
const MAX_READINGS = 200;

/**
 * Reads a prefix's text. Names may hold what the prefix has between them, so there can be several ways: then the
 * application's name is taken as long as can be, for any client calls itself what it likes, and after it the
 * user's, for users of Microsoft Entra have an @ in theirs.
 * @param variants the prefix with and without its part for sessions
 */
export function readPrefix(
  variants: readonly (readonly Part[])[],
  text: string,
): TailReading | null {
  const search = new Search(text);
  for (const parts of variants) search.run(parts);
  const [first, ...others] = search.readings.sort(
    (left, right) =>
      length(right, "a") - length(left, "a") || length(right, "u") - length(left, "u"),
  );
  if (first === undefined) return null;
  return { fields: prefixFields(first), isOneOfSeveral: others.length > 0 || search.isExhausted };
}

const length = (values: PrefixValues, letter: string): number => values[letter]?.length ?? 0;

class Search {
  readonly readings: PrefixValues[] = [];
  private readonly seen = new Set<string>();
  private steps = 0;

  constructor(private readonly text: string) {}

  get isExhausted(): boolean {
    return this.steps >= MAX_STEPS || this.readings.length >= MAX_READINGS;
  }

  run(parts: readonly Part[], index = 0, position = 0, values: PrefixValues = {}): void {
    if (this.isExhausted) return;
    this.steps += 1;
    const part = parts[index];
    if (part === undefined) {
      if (position === this.text.length) this.add(values);
    } else if (typeof part === "string") {
      if (this.text.startsWith(part, position)) {
        this.run(parts, index + 1, position + part.length, values);
      }
    } else {
      for (const end of this.ends(parts, index, position)) {
        const value = unpadded(this.text.slice(position, end), part.padding);
        if (!valueRule(part.letter).isValid(value)) continue;
        if ((values[part.letter] ?? value) !== value) continue;
        this.run(parts, index + 1, end, { ...values, [part.letter]: value });
      }
    }
  }

  /** Where the escape's value can end: before each place of the literal that follows, or anywhere. */
  private *ends(parts: readonly Part[], index: number, position: number): Iterable<number> {
    const part = parts[index];
    if (part === undefined || typeof part === "string") return;
    const width = Math.abs(part.padding);
    const last = Math.min(
      this.text.length,
      position + Math.max(width, valueRule(part.letter).maxLength),
    );
    const next = parts[index + 1];
    if (next === undefined) {
      if (this.text.length <= last) yield this.text.length;
    } else if (typeof next === "string") {
      for (
        let end = this.text.indexOf(next, position + width);
        end >= 0 && end <= last;
        end = this.text.indexOf(next, end + 1)
      ) {
        yield end;
      }
    } else for (let end = position + width; end <= last; end++) yield end;
  }

  private add(values: PrefixValues): void {
    const key = JSON.stringify(Object.entries(values));
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.readings.push(values);
  }
}

function unpadded(text: string, padding: number): string {
  if (padding > 0) return text.replace(/^ +/, "");
  return padding < 0 ? text.replace(/ +$/, "") : text;
}
