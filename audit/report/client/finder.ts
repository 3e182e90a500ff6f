import { type FieldName } from "../../record";
import { type Choice } from "./choice";
import { type Rows } from "./rows";

/** The page answers keys and the finger in between. */
const SLICE_MILLISECONDS = 12;
const ROWS_BETWEEN_LOOKS = 256;

/** What a search looks into. */
const SEARCHED: readonly FieldName[] = [
  ...(["statement", "message", "detail", "parameters", "user_name", "database_name"] as const),
  ...(["object_name", "object_type", "command", "class", "kind", "client"] as const),
  ...(["application_name", "error_severity", "sql_state_code", "session_id"] as const),
  ...(["process_id", "server", "time"] as const),
];

/** Finds the rows that fit a choice, in slices of time. */
export class Finder {
  private readonly texts: string[] = [];

  constructor(private readonly rows: Rows) {}

  /** @returns numbers of rows, oldest first; undefined where the signal came first */
  async find(choice: Choice, signal: AbortSignal): Promise<Uint32Array | undefined> {
    const found = new Uint32Array(this.rows.length);
    const fits = this.test(choice);
    let length = 0;
    const visit = (row: number) => {
      if (fits(row)) found[length++] = row;
    };
    return (await this.eachRow(visit, signal)) ? found.subarray(0, length) : undefined;
  }

  /** Prepares the text of all rows, so that the first search is as fast as the others. */
  async prepare(): Promise<void> {
    await this.eachRow((row) => this.textOf(row));
  }

  /** @returns whether it came to the end before the signal */
  private async eachRow(visit: (row: number) => void, signal?: AbortSignal): Promise<boolean> {
    let sliceStart = performance.now();
    for (let row = 0; row < this.rows.length; row += 1) {
      if (row % ROWS_BETWEEN_LOOKS === 0 && performance.now() - sliceStart > SLICE_MILLISECONDS) {
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

/** Words, and what stands in quotation marks as one. */
export function wordsOf(search: string): string[] {
  return [...search.matchAll(/"([^"]*)"?|[^\s"]+/g)]
    .map(([word, quoted]) => searchable(quoted ?? word))
    .filter((word) => word.trim() !== "");
}

/** Case and line breaks make no difference. */
function searchable(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ");
}

/** Timers wait 4 ms at least where they follow each other; a message doesn't. */
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
