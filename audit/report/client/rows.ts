import type { FieldName, LogRecord } from "../../record";
import {
  type Category,
  categoryOf,
  type Column,
  type ReportData,
  type Value,
} from "../report-data";
import type { Choice } from "./choice";

/** The records of the table by index, oldest first. */
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

/** A search is divided into slices, so that the page can respond to input in between. */
const SLICE_MILLISECONDS = 12;
const ROWS_PER_TIME_CHECK = 256;

/** The fields that are searched. */
const SEARCHED: readonly FieldName[] = [
  ...(["statement", "message", "detail", "parameters", "user_name", "database_name"] as const),
  ...(["object_name", "object_type", "command", "class", "kind", "client"] as const),
  ...(["application_name", "error_severity", "sql_state_code", "session_id"] as const),
  ...(["process_id", "server", "time"] as const),
];

/** Finds the rows that match a choice. */
export class Finder {
  private readonly texts: string[] = [];

  constructor(private readonly rows: Rows) {}

  /** @returns indexes of rows, oldest first; undefined after the signal */
  async find(choice: Choice, signal: AbortSignal): Promise<Uint32Array | undefined> {
    const found = new Uint32Array(this.rows.length);
    const matches = this.test(choice);
    let length = 0;
    const visit = (row: number) => {
      if (matches(row)) found[length++] = row;
    };
    return (await this.eachRow(visit, signal)) ? found.subarray(0, length) : undefined;
  }

  /** Caches the text of all rows, so that the first search is as fast as later ones. */
  async prepare(): Promise<void> {
    await this.eachRow((row) => this.textOf(row));
  }

  /** @returns false after the signal */
  private async eachRow(visit: (row: number) => void, signal?: AbortSignal): Promise<boolean> {
    let sliceStart = performance.now();
    for (let row = 0; row < this.rows.length; row += 1) {
      if (row % ROWS_PER_TIME_CHECK === 0 && performance.now() - sliceStart > SLICE_MILLISECONDS) {
        await nextTask();
        if (signal?.aborted) return false;
        sliceStart = performance.now();
      }
      visit(row);
    }
    return true;
  }

  private test({ search, categories, fields, span }: Choice): (row: number) => boolean {
    const { rows } = this;
    const tests: ((row: number) => boolean)[] = [];
    if (span) {
      tests.push((row) => {
        const time = rows.value("time", row);
        return time >= span.from && time < span.to;
      });
    }
    if (categories.size > 0) tests.push((row) => categories.has(rows.category(row)));
    for (const [name, value] of fields) tests.push((row) => rows.value(name, row) === value);
    const words = wordsOf(search);
    if (words.length > 0) {
      tests.push((row) => {
        const text = this.textOf(row);
        return words.every((word) => text.includes(word));
      });
    }
    return (row) => tests.every((test) => test(row));
  }

  private textOf(row: number): string {
    return (this.texts[row] ??= searchable(
      SEARCHED.map((name) => this.rows.value(name, row) ?? "").join("\n"),
    ));
  }
}

/** The words of a search; text in quotation marks is one word. */
function wordsOf(search: string): string[] {
  return [...search.matchAll(/"([^"]*)"?|[^\s"]+/g)]
    .map(([word, quoted]) => searchable(quoted ?? word))
    .filter((word) => word.trim() !== "");
}

/** Without differences in case and white space. */
function searchable(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ");
}

/** Waits for one task of the event loop; nested timers would wait at least 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
