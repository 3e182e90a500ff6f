import type { FieldName } from "../../record";
import { type Category, type ReportData } from "../report-data";
import type { Choice } from "./choice";
import { inSlices } from "./slices";
import type { Rows } from "./rows";

/** The fields that are searched. */
const SEARCHED: readonly FieldName[] = [
  ...(["statement", "message", "detail", "parameters", "user_name", "database_name"] as const),
  ...(["object_name", "object_type", "command", "class", "kind", "client"] as const),
  ...(["application_name", "error_severity", "sql_state_code", "session_id"] as const),
  ...(["process_id", "server", "time", "ambiguous"] as const),
];

export interface Found {
  /** Indexes of rows, oldest first. */
  readonly rows: Uint32Array;
  /** The rows that match all filters but that of classes, by class. */
  readonly categories: ReadonlyMap<Category, number>;
}

type Test = (row: number) => boolean;

/** Finds the rows that match a choice. */
export class Finder {
  private readonly texts: string[] = [];

  constructor(
    private readonly rows: Rows,
    private readonly rules: ReportData["notable"],
  ) {}

  /** @returns undefined after the signal */
  async find(choice: Choice, signal: AbortSignal): Promise<Found | undefined> {
    const found = new Uint32Array(this.rows.length);
    const categories = new Map<Category, number>();
    const tests = this.tests(choice);
    const isOfClass = this.classTest(choice);
    let length = 0;
    const visit = (row: number) => {
      if (!tests.every((test) => test(row))) return;
      const category = this.rows.category(row);
      categories.set(category, (categories.get(category) ?? 0) + 1);
      if (isOfClass(row)) found[length++] = row;
    };
    if (!(await inSlices(this.rows.length, visit, signal))) return undefined;
    return { rows: found.subarray(0, length), categories };
  }

  /** Caches the text of all rows, so that the first search is as fast as later ones. */
  async prepare(): Promise<void> {
    await inSlices(this.rows.length, (row) => this.textOf(row));
  }

  /** The tests of all filters but that of classes. */
  private tests({ search, fields, span, rule }: Choice): Test[] {
    const { rows } = this;
    const tests: Test[] = [];
    const { from, to } = span ?? {};
    if (from !== undefined) tests.push((row) => rows.value("time", row) >= from);
    if (to !== undefined) tests.push((row) => rows.value("time", row) < to);
    if (rule !== undefined) {
      const matching = new Set(this.rules.find(({ id }) => id === rule)?.rows);
      tests.push((row) => matching.has(row));
    }
    for (const [name, value] of fields) {
      tests.push((row) => {
        const found = rows.value(name, row);
        // An ambiguous record without the field may be one with this value.
        return found === value || (found === null && rows.value("ambiguous", row) !== null);
      });
    }
    const words = wordsOf(search);
    if (words.length > 0) {
      tests.push((row) => {
        const text = this.textOf(row);
        return words.every((word) => text.includes(word));
      });
    }
    return tests;
  }

  private classTest({ categories }: Choice): Test {
    if (categories.size === 0) return () => true;
    const { rows } = this;
    return (row) => {
      if (categories.has(rows.category(row))) return true;
      const ambiguous = rows.value("ambiguous", row);
      // If only names are ambiguous, the class is certain; otherwise it may be any, unless that is asked for alone.
      if (ambiguous === "names") return categories.has(rows.certainCategory(row));
      return ambiguous === "message";
    };
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
