import type { ReportData } from "../report-data";
import { type Choice, type Chooser, isFiltered } from "./choice";
import { Counter, type Counts } from "./counter";
import { Finder } from "./finder";
import { Rows } from "./rows";

/** The rows that match a choice, and their counts. */
export interface Result {
  readonly choice: Choice;
  /** Indexes of rows, oldest first. */
  readonly found: Uint32Array;
  /** Without a filter these count all records, also those that aren't in the table. */
  readonly counts: Counts;
}

/** Finds and counts the rows of each choice; the table and all charts show the same result. */
export class Results {
  readonly rows: Rows;
  readonly rules: ReportData["notable"];
  readonly whole: Counts;
  /** Whether there are records that aren't in the table. */
  readonly isTruncated: boolean;
  private readonly finder: Finder;
  private readonly counter: Counter;
  private readonly listeners: ((result: Result) => void)[] = [];
  private finding = new AbortController();

  constructor(
    data: ReportData,
    private readonly chooser: Chooser,
  ) {
    this.rows = new Rows(data);
    this.rules = data.notable;
    this.isTruncated = data.rows < data.records;
    this.finder = new Finder(this.rows, data.notable);
    this.counter = new Counter(this.rows, data);
    this.whole = this.counter.whole();
  }

  onResult(listener: (result: Result) => void): void {
    this.listeners.push(listener);
  }

  /** Shows the result of the current choice, and of each later one. */
  async start(onError: (error: unknown) => void): Promise<void> {
    this.chooser.onChange((choice) => void this.find(choice).catch(onError));
    await this.find(this.chooser.current);
    await this.finder.prepare();
  }

  private async find(choice: Choice): Promise<void> {
    this.finding.abort();
    this.finding = new AbortController();
    const found = await this.finder.find(choice, this.finding.signal);
    if (!found) return;
    const counts = isFiltered(choice) ? this.counter.count(found, choice) : this.whole;
    for (const listener of this.listeners) listener({ choice, found: found.rows, counts });
  }
}
