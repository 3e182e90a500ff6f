import { z } from "zod";
import { quoted } from "./quoted";

/**
 * The problems of a configuration, a line each: the key, the received value, the rule.
 * @param raw the values before validation
 */
export function problemTexts(error: z.ZodError, raw: unknown, schema: z.ZodType): string[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? unknownKeys(issue, schema)
      : `${place(issue.path)}: ${received(raw, issue)}${issue.message}`,
  );
}

const place = ([key, ...rest]: readonly PropertyKey[]): string =>
  [word(key), ...rest.map((part) => `[${word(part)}]`)].join("");

/** A key as it is; one with other characters as JSON. */
const word = (key: PropertyKey | undefined): string =>
  /^[\w.-]{1,64}$/.test(String(key)) ? String(key) : quoted(key);

/** The received value, unless the problem's text contains it. */
function received(raw: unknown, { path, message }: z.core.$ZodIssue): string {
  let value: unknown = raw;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  if (value === undefined) return "is missing; ";
  // A private key that was given for a public one isn't printed.
  if (typeof value === "object" || message.startsWith("a private key")) return "";
  const shown = quoted(value);
  return message.includes(shown) ? "" : `${shown} was given; `;
}

/** One problem a key, with the known key that is most similar to it. */
function unknownKeys(
  { path, keys }: z.core.$ZodIssueUnrecognizedKeys,
  schema: z.ZodType,
): string[] {
  const known = knownKeys(schema, path);
  return keys.map((key) => {
    const [closest = ""] = [...known].sort((a, b) => editDistance(key, a) - editDistance(key, b));
    const isSimilar = editDistance(key, closest) <= Math.max(2, key.length / 3);
    return (
      `${place([...path, key])}: is not a key of ${path.length === 0 ? "the lab" : "this object"}` +
      (isSimilar ? `; did you mean ${closest}?` : `; its keys are ${known.join(", ")}`)
    );
  });
}

/** The keys of the object at a path of the schema, as a person writes them in the configuration. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let inner: unknown = schema;
  for (const key of ["", ...path]) {
    if (inner instanceof z.ZodObject && key !== "") inner = inner.shape[String(key)];
    else if (inner instanceof z.ZodArray) inner = inner.element;
    while (
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault ||
      inner instanceof z.ZodOptional
    )
      inner = inner.unwrap();
  }
  if (!(inner instanceof z.ZodObject)) return [];
  // A secret isn't validated: the schema has only whether it is there.
  return Object.keys(inner.shape).map((key) =>
    key.replace(/^has([A-Z])/, (_, letter: string) => letter.toLowerCase()),
  );
}

/** Levenshtein's distance, without regard to case: how many letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const letter of a.toLowerCase()) {
    const next = [(row[0] ?? 0) + 1];
    for (const [column, other] of [...b.toLowerCase()].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
