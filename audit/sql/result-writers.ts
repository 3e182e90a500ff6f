import Table from "cli-table3";
import type { DuckDBResult, DuckDBValueConverter, Json } from "@duckdb/node-api";
import { csvLine } from "../output/csv-line";
import { formatCount } from "../output/tally";
import { cutToWidth, oneLine, textWidth } from "../output/terminal-text";
import type { DuckDB } from "./audit-table";

export type ResultFormat = "table" | "json" | "csv";

/** Rows of a table on a terminal: the widths of its columns depend on all rows. */
const TABLE_ROWS = 1000;
/** A column isn't cut below this, even if the table becomes wider than the terminal. */
const MIN_COLUMN_WIDTH = 8;

export interface ResultColumns {
  readonly names: readonly string[];
  /** Whether a column contains numbers only. */
  readonly isNumeric: readonly boolean[];
}

/** Writes the rows of a result as text. */
export interface ResultWriter {
  row(cells: readonly Json[]): void;
  /** Called after the last row. */
  end(): void;
  /** Whether further rows would be ignored. */
  readonly full?: boolean;
}

export interface ResultWriterOptions {
  readonly format: ResultFormat;
  readonly columns: ResultColumns;
  /** The terminal's width. @default no limit */
  readonly width?: number;
  readonly write: (text: string) => void;
}

export function resultWriter({ format, columns, width, write }: ResultWriterOptions): ResultWriter {
  switch (format) {
    case "json":
      return jsonWriter(columns, write);
    case "csv":
      return csvWriter(columns, write);
    case "table":
      return new TableWriter(columns, width ?? Number.POSITIVE_INFINITY, write);
  }
}

export function columnsOf(result: DuckDBResult, { DuckDBTypeId: id }: DuckDB): ResultColumns {
  const numeric: ReadonlySet<number> = new Set([
    ...[id.TINYINT, id.SMALLINT, id.INTEGER, id.BIGINT, id.HUGEINT, id.UTINYINT, id.USMALLINT],
    ...[id.UINTEGER, id.UBIGINT, id.UHUGEINT, id.FLOAT, id.DOUBLE, id.DECIMAL],
  ]);
  return {
    names: result.deduplicatedColumnNames(),
    isNumeric: result.columnTypes().map(({ typeId }) => numeric.has(typeId)),
  };
}

/** Converts DuckDB's values to JSON: integers that JSON numbers can't represent exactly, and intervals, become text. */
export function jsonConverter(duckdb: DuckDB): DuckDBValueConverter<Json> {
  return (value, type, converter) => {
    if (typeof value === "bigint") {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    if (value !== null && type.typeId === duckdb.DuckDBTypeId.INTERVAL) return String(value);
    return duckdb.JsonDuckDBValueConverter(value, type, converter);
  };
}

function jsonWriter({ names }: ResultColumns, write: (text: string) => void): ResultWriter {
  return {
    row: (cells) => {
      const named = names.map((name, index) => [name, cells[index] ?? null]);
      write(`${JSON.stringify(Object.fromEntries(named))}\n`);
    },
    end: () => undefined,
  };
}

function csvWriter({ names }: ResultColumns, write: (text: string) => void): ResultWriter {
  write(csvLine(names));
  return {
    row: (cells) => write(csvLine(cells.map((cell) => (cell === null ? null : cellText(cell))))),
    end: () => undefined,
  };
}

class TableWriter implements ResultWriter {
  private readonly rows: string[][] = [];
  private isFull = false;

  constructor(
    private readonly columns: ResultColumns,
    private readonly width: number,
    private readonly write: (text: string) => void,
  ) {}

  get full(): boolean {
    return this.isFull;
  }

  row(cells: readonly Json[]): void {
    if (this.rows.length < TABLE_ROWS) this.rows.push(cells.map((cell) => oneLine(cellText(cell))));
    else this.isFull = true;
  }

  end(): void {
    const { names, isNumeric } = this.columns;
    const head = names.map(oneLine);
    // A column's borders and padding take three characters, and the last border one.
    const widths = shrink(naturalWidths(head, this.rows), this.width - 3 * head.length - 1);
    const cut = (row: readonly string[]) =>
      row.map((cell, index) => cutToWidth(cell, widths[index] ?? 0));
    const table = new Table({
      head: cut(head),
      colAligns: isNumeric.map((numeric) => (numeric ? "right" : "left")),
      style: { head: [], border: [], compact: true },
    });
    table.push(...this.rows.map(cut));
    const { length } = this.rows;
    const count = `${formatCount(length)} ${length === 1 ? "row" : "rows"}`;
    const more = this.isFull ? `The first ${count}; --format csv or json writes all.` : count;
    this.write(`${table.toString()}\n${more}\n`);
  }
}

function cellText(cell: Json): string {
  if (cell === null) return "";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

function naturalWidths(head: readonly string[], rows: readonly (readonly string[])[]): number[] {
  const widths = head.map(textWidth);
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, textWidth(cell));
    }
  }
  return widths;
}

/** Reduces the widest columns to a common width until the table fits. */
function shrink(widths: readonly number[], available: number): readonly number[] {
  const total = (most: number) => widths.reduce((sum, width) => sum + Math.min(width, most), 0);
  let most = Math.max(...widths, MIN_COLUMN_WIDTH);
  if (total(most) <= available) return widths;
  most = Math.min(most, available);
  while (most > MIN_COLUMN_WIDTH && total(most) > available) most -= 1;
  return widths.map((width) => Math.min(width, Math.max(most, MIN_COLUMN_WIDTH)));
}
