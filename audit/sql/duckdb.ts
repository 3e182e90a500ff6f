import type * as DuckDBModule from "@duckdb/node-api";
import { UserError } from "../../common/user-error";

export type DuckDB = typeof DuckDBModule;

/**
 * Loads DuckDB where it is needed: 100 MB of native code, which npm has for some platforms only.
 * @throws UserError where this platform's part of it isn't installed
 */
export async function loadDuckDb(load = () => import("@duckdb/node-api")): Promise<DuckDB> {
  try {
    return await load();
  } catch (error) {
    const [reason] = messageOf(error).split("\n");
    throw new UserError(
      `--sql and --parquet need DuckDB, which can't be loaded on ${process.platform} ${process.arch}: ${reason}. ` +
        "npm ci --include=optional installs it where it exists; elsewhere, give the output of --format json to another tool.",
    );
  }
}

/** An error's message; those of native code aren't always instances of this program's Error. */
export function messageOf(error: unknown): string {
  return String(error).replace(/^Error: /, "");
}

/** A text as SQL has it. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
