/** A PostgreSQL string literal. `standard_conforming_strings` is on, as it is by default: a backslash is a character. */
export const sqlLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A quoted PostgreSQL identifier, with its capital letters and any other characters. */
export const sqlIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
