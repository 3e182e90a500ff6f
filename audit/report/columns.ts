import { type FieldName, FIELDS, type LogRecord } from "../record";
import { type Column, type Value } from "./report-data";

/** A dictionary pays where a value stands in this many rows, on average. */
const LEAST_REPETITION = 2;

/** The records field by field, which is far smaller than one by one: names once, repeated values once. */
export function columnsOf(records: readonly LogRecord[]): Record<FieldName, Column> {
  const names = Object.keys(FIELDS) as FieldName[];
  return Object.fromEntries(
    names.map((name) => [name, columnOf(records.map((record) => record[name]))]),
  ) as Record<FieldName, Column>;
}

function columnOf(values: readonly Value[]): Column {
  const numbers = new Map<Value, number>();
  const indexes: number[] = [];
  for (const value of values) {
    // Lists are equal only to themselves.
    const index = numbers.get(value) ?? numbers.size;
    if (index === numbers.size) numbers.set(value, index);
    if (numbers.size * LEAST_REPETITION > values.length) return { values };
    indexes.push(index);
  }
  return { dictionary: [...numbers.keys()], indexes };
}
