/**
 * CSV as PostgreSQL and pgAudit write it: a field with a comma, a quote or a line end is quoted, and its quotes are
 * doubled. Source: PostgreSQL 15, csvlog.c; pgAudit, pgaudit.c, append_valid_csv.
 */
const QUOTE = 0x22;
const COMMA = 0x2c;

/** The comma after the field, or the text's end; negative if a quoted field isn't closed, or continues after its quote. */
export function endOfField(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) {
    const comma = text.indexOf(",", start);
    return comma < 0 ? text.length : comma;
  }
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) quote = text.indexOf('"', quote + 2);
  if (quote < 0) return -1;
  return quote + 1 === text.length || text.charCodeAt(quote + 1) === COMMA ? quote + 1 : -1;
}

/** The field without its quotes; null if an unquoted field contains a quote. */
export function fieldValue(text: string, start: number, end: number): string | null {
  if (text.charCodeAt(start) !== QUOTE) {
    const value = text.slice(start, end);
    return value.includes('"') ? null : value;
  }
  const value = text.slice(start + 1, end - 1);
  return value.includes('"') ? value.replaceAll('""', '"') : value;
}

/** The fields of a row; if one is malformed, its number, from 1. */
export function splitCsv(text: string): string[] | number {
  const fields: string[] = [];
  let start = 0;
  for (;;) {
    const end = endOfField(text, start);
    const value = end < 0 ? null : fieldValue(text, start, end);
    if (value === null) return fields.length + 1;
    fields.push(value);
    if (end === text.length) return fields;
    start = end + 1;
  }
}
