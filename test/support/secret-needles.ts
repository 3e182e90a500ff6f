/** What must not be found. */
export interface Secret {
  readonly name: string;
  /** May have several lines, as a PEM file has. */
  readonly value: string;
  /** The public half of a key: a private key's file contains it. */
  readonly publicHalf?: string;
}

/** A text to search for: a secret, or a line of it, as it would look in a file. */
export interface Needle {
  readonly secret: string;
  readonly form: "plain" | "base64" | "URL-encoded" | "JSON-escaped";
  readonly text: string;
}

/** A shorter text could be found by chance. */
const SHORTEST = 10;

/** What every file of its kind contains: PEM's frame, and OpenSSH's header for a key without a passphrase. */
const FRAME = /^-----|^b3BlbnNzaC1rZXktdjEA/;

/**
 * Every form in which a secret could have been written: as it is, in base64 (of whatever text it is part of), in a URL and in
 * JSON. Of several lines, each one is searched for by itself, so that an indented or cut key is found too.
 * @throws Error for a secret that is too short to search for
 */
export function needlesOf({ name, value, publicHalf = "" }: Secret): Needle[] {
  const parts = value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST && !FRAME.test(line))
    .filter((line) => !publicHalf.includes(line));
  if (parts.length === 0) throw new Error(`${name} has no line of ${SHORTEST} characters`);
  const needles = parts.flatMap((part): Needle[] => [
    { secret: name, form: "plain", text: part },
    { secret: name, form: "URL-encoded", text: encodeURIComponent(part) },
    { secret: name, form: "URL-encoded", text: lowerCaseEscapes(encodeURIComponent(part)) },
    { secret: name, form: "JSON-escaped", text: JSON.stringify(part).slice(1, -1) },
    ...base64Texts(part).map((text) => ({ secret: name, form: "base64", text }) as const),
  ]);
  return [...new Map(needles.reverse().map((needle) => [needle.text, needle])).values()].reverse();
}

const lowerCaseEscapes = (text: string): string =>
  text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** A text's base64 where it begins at the first, second or third byte of a group, without what its neighbours change. */
function base64Texts(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)),
  );
}

/** The secrets in a text, each with its form, without the secret itself. */
export function secretsIn(text: string, needles: readonly Needle[]): string[] {
  const found = needles.filter((needle) => text.includes(needle.text));
  return [...new Set(found.map(describeNeedle))];
}

export const describeNeedle = ({ secret, form }: Needle): string => `${secret} (${form})`;
