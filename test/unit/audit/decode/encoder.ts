import * as fc from "fast-check";

/** What pgAudit logs of a statement. */
export interface Entry {
  readonly audit_type: "SESSION" | "OBJECT";
  readonly statement_id: number;
  readonly substatement_id: number;
  readonly class: string;
  readonly command: string;
  readonly object_type: string | null;
  readonly object_name: string | null;
  /** Text; or why there is none. */
  readonly statement: string | { readonly omitted: "not logged" | "previously logged" };
  /** Null: not logged. */
  readonly parameters: readonly string[] | null;
  readonly rows: number | null;
}

/** As pgaudit.c's append_valid_csv: quotes only around fields with a comma, a quote or a line end. */
const csvField = (text: string): string =>
  /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A message of pgAudit's, written as its log_audit_event does. */
export function encodeEntry(entry: Entry): string {
  const { statement, parameters } = entry;
  const omitted = typeof statement === "string" ? undefined : `<${statement.omitted}>`;
  const fields = [
    entry.audit_type,
    entry.statement_id,
    entry.substatement_id,
    entry.class,
    csvField(entry.command),
    csvField(entry.object_type ?? ""),
    csvField(entry.object_name ?? ""),
    omitted ?? csvField(statement as string),
    omitted ?? encodeParameters(parameters),
    ...(entry.rows === null ? [] : [entry.rows]),
  ];
  return `AUDIT: ${fields.join(",")}`;
}

function encodeParameters(parameters: readonly string[] | null): string {
  if (parameters === null) return "<not logged>";
  if (parameters.length === 0) return "<none>";
  return csvField(parameters.map(csvField).join(","));
}

/** Text with all that CSV, JSON and UTF-8 treat specially, besides what fast-check thinks of. */
const trickyText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '"',
          '""',
          ",",
          "\n",
          "\r\n",
          "\t",
          " ",
          "\\",
          "'",
          ":  ",
          "é",
          "東京",
          "🐘",
        ),
        fc.constantFrom("LOG:  ", "AUDIT: ", "<none>", "SELECT ", "client-1.1.1.1 ", "�"),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
      ),
      { maxLength },
    )
    .map((parts) => parts.join("").replaceAll("\0", ""));

/** pgAudit's marks can't be distinguished from the same text in a parameter or statement. */
const isOwnWord = (text: string): boolean =>
  ["<none>", "<not logged>", "<previously logged>"].includes(text);

export const entries: fc.Arbitrary<Entry> = fc.record({
  audit_type: fc.constantFrom("SESSION" as const, "OBJECT" as const),
  statement_id: fc.nat(),
  substatement_id: fc.nat(),
  class: fc.constantFrom("READ", "WRITE", "FUNCTION", "ROLE", "DDL", "MISC", "MISC_SET"),
  command: fc.constantFrom("SELECT", "CREATE TABLE", "ALTER DEFAULT PRIVILEGES"),
  object_type: fc.option(fc.constantFrom("TABLE", "FOREIGN TABLE")),
  object_name: fc.option(trickyText(4).filter((text) => text !== "")),
  statement: fc.oneof(
    trickyText(12).filter((text) => !isOwnWord(text)),
    fc.constantFrom({ omitted: "not logged" as const }, { omitted: "previously logged" as const }),
  ),
  parameters: fc.option(
    fc
      .array(trickyText(3), { maxLength: 4 })
      .filter((values) => values.length !== 1 || !isOwnWord(values[0] ?? "")),
  ),
  rows: fc.option(fc.nat()),
});
