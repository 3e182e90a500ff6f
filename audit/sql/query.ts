import type { DuckDBConnection, DuckDBPreparedStatement } from "@duckdb/node-api";
import { UserError } from "../../common/user-error";
import { FIELDS } from "../record";
import { messageOf } from "./duckdb";

/**
 * Prepares the one statement that `--sql` gives.
 * @throws UserError with DuckDB's own words
 */
export async function prepareQuery(
  connection: DuckDBConnection,
  query: string,
): Promise<DuckDBPreparedStatement> {
  if (withoutComments(query) === "") {
    throw new UserError("--sql holds no statement; give a query of the table audit.");
  }
  try {
    const statements = await connection.extractStatements(query);
    if (statements.count !== 1) {
      throw new UserError(`--sql has ${statements.count} statements; give one.`);
    }
    return await statements.prepare(0);
  } catch (error) {
    throw queryError(error);
  }
}

/** What is left says whether there is a statement; DuckDB has no words for an empty one. */
function withoutComments(query: string): string {
  return query.replace(/--.*|\/\*[^]*?\*\/|;|\s/g, "");
}

/** DuckDB's error for people: its text, and what the table has where that helps. */
export function queryError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const message = messageOf(error).replace(/^Failed to extract statements: /, "");
  const isColumn = /column/i.test(message) && /not found|does not have/.test(message);
  const isTable = /Table with name .* does not exist/.test(message);
  const hint =
    isColumn || isTable ? [`The table audit has: ${Object.keys(FIELDS).join(", ")}`] : [];
  return new UserError([`--sql: ${message}`, ...hint].join("\n\n"));
}
