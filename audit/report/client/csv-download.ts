import { csvLine } from "../../output/csv-line";
import { type FieldName, FIELDS, type LogRecord } from "../../record";
import { byId } from "./dom";
import type { Result, Results } from "./results";
import { inSlices } from "./slices";

const NAMES = Object.keys(FIELDS) as FieldName[];
/** Without it Excel doesn't read the file as UTF-8. */
const BYTE_ORDER_MARK = "\ufeff";
/** Where spreadsheets begin a formula. Source: OWASP, "CSV Injection". */
const FORMULA = /^[=+\-@\t\r\n]/;

/** Writes the records that are shown, with all their fields, as CSV for a spreadsheet. */
export class CsvDownload {
  private result: Result | undefined;

  constructor(
    private readonly results: Results,
    onError: (error: unknown) => void,
  ) {
    const control = byId<HTMLButtonElement>("csv");
    results.onResult((result) => {
      this.result = result;
      control.hidden = result.found.length === 0;
    });
    control.addEventListener("click", () => {
      control.disabled = true;
      this.download()
        .catch(onError)
        .finally(() => (control.disabled = false));
    });
  }

  private async download(): Promise<void> {
    if (!this.result) return;
    const { found, choice } = this.result;
    const { rows } = this.results;
    const lines = [BYTE_ORDER_MARK, csvLine(NAMES)];
    await inSlices(found.length, (number) => {
      const position = choice.newestFirst ? found.length - 1 - number : number;
      lines.push(spreadsheetLine(rows.record(found[position] ?? 0)));
    });
    const address = URL.createObjectURL(new Blob(lines, { type: "text/csv" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${document.title.replace(/[^\w.-]+/g, "-")}.csv`;
    link.click();
    // The browser has the data by now, and the page may stay open for long.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}

/** A text that a spreadsheet would execute as a formula gets an apostrophe before it. */
function spreadsheetLine(record: LogRecord): string {
  return csvLine(
    NAMES.map((name) => {
      const value = record[name];
      return typeof value === "string" && FORMULA.test(value) ? `'${value}` : value;
    }),
  );
}
