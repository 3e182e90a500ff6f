import { type FieldName, type LogRecord } from "../../record";
import {
  type Category,
  categoryOf,
  type Column,
  type ReportData,
  type Value,
} from "../report-data";

/** The table's records, by number, oldest first. */
export class Rows {
  readonly length: number;
  private readonly columns: Readonly<Record<FieldName, Column>>;

  constructor({ rows, columns }: Pick<ReportData, "rows" | "columns">) {
    this.length = rows;
    this.columns = columns;
  }

  value<Name extends FieldName>(name: Name, row: number): LogRecord[Name] {
    return valueIn(this.columns[name], row) as LogRecord[Name];
  }

  record(row: number): LogRecord {
    const entries = Object.entries(this.columns).map(([name, column]) => [
      name,
      valueIn(column, row),
    ]);
    return Object.fromEntries(entries) as LogRecord;
  }

  category(row: number): Category {
    return categoryOf({ class: this.value("class", row), kind: this.value("kind", row) });
  }
}

function valueIn(column: Column, row: number): Value {
  const value =
    "values" in column ? column.values[row] : column.dictionary[column.indexes[row] ?? 0];
  return value ?? null;
}
