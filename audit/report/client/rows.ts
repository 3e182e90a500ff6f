import type { FieldName, LogRecord } from "../../record";
import {
  CATEGORIES,
  type Category,
  certainCategoryOf,
  type Column,
  type ReportData,
  type Value,
} from "../report-data";

/** A field's values, each once, and the index of each row's value. */
export interface Dictionary {
  readonly values: readonly Value[];
  readonly indexes: ArrayLike<number>;
}

/** The records of the table by index, oldest first. */
export class Rows {
  readonly length: number;
  private readonly columns: Readonly<Record<FieldName, Column>>;
  /** The position of each row's category in `CATEGORIES`. */
  private categories: Uint8Array | undefined;
  private readonly dictionaries = new Map<FieldName, Dictionary>();

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
    const numbers = (this.categories ??= this.allCategories());
    return CATEGORIES[numbers[row] ?? 0] as Category;
  }

  /** The category apart from ambiguity. */
  certainCategory(row: number): Category {
    return certainCategoryOf({ class: this.value("class", row), kind: this.value("kind", row) });
  }

  dictionary(name: FieldName): Dictionary {
    let dictionary = this.dictionaries.get(name);
    if (!dictionary) {
      dictionary = dictionaryOf(this.columns[name]);
      this.dictionaries.set(name, dictionary);
    }
    return dictionary;
  }

  private allCategories(): Uint8Array {
    return Uint8Array.from({ length: this.length }, (_, row) => {
      const isAmbiguous = this.value("ambiguous", row) !== null;
      return CATEGORIES.indexOf(isAmbiguous ? "ambiguous" : this.certainCategory(row));
    });
  }
}

function valueIn(column: Column, row: number): Value {
  const value =
    "values" in column ? column.values[row] : column.dictionary[column.indexes[row] ?? 0];
  return value ?? null;
}

function dictionaryOf(column: Column): Dictionary {
  if ("dictionary" in column) return { values: column.dictionary, indexes: column.indexes };
  const numbers = new Map<Value, number>();
  const indexes = column.values.map((value) => {
    const index = numbers.get(value) ?? numbers.size;
    numbers.set(value, index);
    return index;
  });
  return { values: [...numbers.keys()], indexes };
}
