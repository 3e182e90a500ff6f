import type { DuckDBResult } from "@duckdb/node-api";
import { type RecordOutput } from "../output/record-output";
import { StreamWriter } from "../output/stream-writer";
import { type TerminalStream } from "../output/terminal-stream";
import { type LogRecord } from "../record";
import { AuditTable } from "./audit-table";
import { prepareQuery, queryError } from "./query";
import { columnsOf, jsonConverter, type ResultFormat, resultWriter } from "./result-writers";

export interface QueryOutputOptions {
  /** One statement on the table `audit`. */
  readonly query: string;
  readonly format: ResultFormat;
  readonly stream: TerminalStream;
  /** Ends a query that runs; one that hasn't begun isn't run, since it would see a part of the trail. */
  readonly signal: AbortSignal;
}

/** Gives the records to DuckDB, and at the end the answer to a query. */
export class QueryOutput implements RecordOutput {
  private records: LogRecord[] = [];
  private table: AuditTable | undefined;
  private readonly writer: StreamWriter;

  constructor(private readonly options: QueryOutputOptions) {
    this.writer = new StreamWriter(options.stream);
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(record: LogRecord): void {
    this.records.push(record);
  }

  /** @throws UserError for a query that can't be right, before more of the trail is read */
  async drain(): Promise<void> {
    const table = await this.open();
    table.append(this.records);
    this.records = [];
  }

  async end(): Promise<void> {
    const { signal } = this.options;
    try {
      if (signal.aborted) return;
      await this.drain();
      await this.answer(await this.open());
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.table?.close();
    }
  }

  private async open(): Promise<AuditTable> {
    if (this.table) return this.table;
    const table = await AuditTable.create();
    try {
      const statement = await prepareQuery(table.connection, this.options.query);
      statement.destroySync();
    } catch (error) {
      table.close();
      throw error;
    }
    this.table = table;
    return table;
  }

  private async answer(table: AuditTable): Promise<void> {
    const { query, signal } = this.options;
    table.flush();
    const interrupt = () => table.connection.interrupt();
    signal.addEventListener("abort", interrupt);
    try {
      const statement = await prepareQuery(table.connection, query);
      if (signal.aborted) return;
      await this.giveOut(await statement.stream(), table);
    } catch (error) {
      throw queryError(error);
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  }

  private async giveOut(result: DuckDBResult, { duckdb }: AuditTable): Promise<void> {
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
    await this.writer.drain();
  }
}
