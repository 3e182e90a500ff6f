/**
 * Relations of a database by name: `sales.*`, `public.order_?`, `"Sales"."Order Lines"`. As in psql's patterns, `*` is any
 * characters and `?` is one, names are lower-case, and double quotes take capital letters, wildcards and other characters
 * literally.
 */
export interface RelationPattern {
  /** For LIKE, with a backslash before characters that it would interpret. */
  readonly schema: string;
  readonly relation: string;
}

/** A part: a name in double quotes, or one of letters, digits, `_`, `$` and wildcards. */
const PART = String.raw`"(?:[^"\p{Cc}]|"")+"|[\p{L}_*?][\p{L}\p{N}_$*?]*`;
const PATTERN = new RegExp(String.raw`^(${PART})\.(${PART})$`, "u");

/** Undefined where the text is no pattern. */
export function parseRelationPattern(text: string): RelationPattern | undefined {
  const [, schema, relation] = PATTERN.exec(text) ?? [];
  if (schema === undefined || relation === undefined) return undefined;
  return { schema: likePattern(schema), relation: likePattern(relation) };
}

export const relationPatternProblem = (text: string): string | undefined =>
  parseRelationPattern(text)
    ? undefined
    : 'a schema and a relation with a dot between them; * and ? are wildcards, and double quotes take a name literally: sales.*, public.order_?, "Sales"."Order Lines"';

const likePattern = (part: string): string =>
  part.startsWith('"')
    ? escaped(part.slice(1, -1).replaceAll('""', '"'))
    : escaped(part.toLowerCase()).replaceAll("*", "%").replaceAll("?", "_");

const escaped = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);
