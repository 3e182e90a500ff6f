import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from "@duckdb/node-api";
import { UserError } from "../../common/user-error";
import type { OutputShare, RecordOutput } from "../output/record-output";
import { StreamWriter, type TerminalStream } from "../output/stream-writer";
import { FIELDS, type LogRecord } from "../record";
import { AuditTable, messageOf } from "./audit-table";
import { columnsOf, jsonConverter, type ResultFormat, resultWriter } from "./result-writers";
import { TableInput } from "./table-input";

export interface QueryOutputOptions {
  /** One statement for the table `audit`. */
  readonly query: string;
  readonly format: ResultFormat;
  readonly stream: TerminalStream;
  /** Ends a running query; a query that hasn't begun isn't run, because the trail is incomplete. */
  readonly signal: AbortSignal;
}

/** Loads the records into DuckDB, and at the end writes the result of a query. */
export class QueryOutput implements RecordOutput {
  readonly share: OutputShare;
  private readonly input = new TableInput(() => openTable(this.options.query));
  private readonly writer: StreamWriter;

  constructor(private readonly options: QueryOutputOptions) {
    this.writer = new StreamWriter(options.stream);
    this.share = this.input.share;
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(record: LogRecord): void {
    this.input.write(record);
  }

  /** @throws UserError for an invalid query, before more of the trail is read */
  async drain(): Promise<void> {
    await this.input.drain();
  }

  async end(): Promise<void> {
    const { signal } = this.options;
    try {
      if (signal.aborted) return;
      await this.runQuery(await this.input.finish());
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.input.close();
    }
  }

  private async runQuery(table: AuditTable): Promise<void> {
    const { query, signal } = this.options;
    const interrupt = () => table.connection.interrupt();
    signal.addEventListener("abort", interrupt);
    try {
      const statement = await prepareQuery(table.connection, query);
      if (signal.aborted) return;
      await this.writeResult(await statement.stream(), table);
    } catch (error) {
      throw queryError(error);
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  }

  private async writeResult(result: DuckDBResult, { duckdb }: AuditTable): Promise<void> {
    const { format, stream } = this.options;
    const writer = resultWriter({
      format,
      columns: columnsOf(result, duckdb),
      width: stream.columns,
      write: (text) => this.writer.write(text),
    });
    for await (const rows of result.yieldConvertedRows(jsonConverter(duckdb))) {
      for (const row of rows) writer.row(row);
      await this.writer.drain();
      if (writer.full || this.writer.closed) break;
    }
    writer.end();
    await this.writer.finish();
  }
}

/** @throws UserError for an invalid query */
async function openTable(query: string): Promise<AuditTable> {
  const table = await AuditTable.create();
  try {
    const statement = await prepareQuery(table.connection, query);
    statement.destroySync();
    return table;
  } catch (error) {
    await table.close();
    throw error;
  }
}

/**
 * Prepares the one statement that `--sql` gives.
 * @throws UserError with DuckDB's message
 */
async function prepareQuery(
  connection: DuckDBConnection,
  query: string,
): Promise<DuckDBPreparedStatement> {
  if (withoutComments(query) === "") {
    throw new UserError("--sql contains no statement; give a query of the table audit.");
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

/** DuckDB has no error message for an empty query. */
function withoutComments(query: string): string {
  return query.replace(/--.*|\/\*[^]*?\*\/|;|\s/g, "");
}

/** DuckDB's error for people, with the table's columns if a name is unknown. */
function queryError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const message = messageOf(error).replace(/^Failed to extract statements: /, "");
  const isColumn = /column/i.test(message) && /not found|does not have/.test(message);
  const isTable = /Table with name .* does not exist/.test(message);
  const hint =
    isColumn || isTable
      ? [`The table audit has the columns: ${Object.keys(FIELDS).join(", ")}`]
      : [];
  return new UserError([`--sql: ${message}`, ...hint].join("\n\n"));
}
