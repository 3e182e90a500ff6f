import type { FieldName, LogRecord } from "../../record";
import { categoryOf } from "../report-data";
import { element, lineOf, statementOrMessage } from "./dom";
import type { Rows } from "./rows";

export interface TableColumn {
  /** Class of its cells. */
  readonly name: string;
  readonly heading: string;
  /** CSS's length. */
  readonly width: string;
  /** Whether a narrow table has it too. */
  readonly narrow: boolean;
  readonly cell: (record: LogRecord) => (Node | string)[];
}

/** Fields with a column as wide as their longest value, up to a limit in characters. */
interface FieldColumn {
  readonly field: FieldName;
  readonly heading: string;
  readonly limit: number;
  readonly narrow?: boolean;
  readonly when: "several in the report" | "one is shown";
}

const FIELD_COLUMNS: readonly FieldColumn[] = [
  { field: "server", heading: "Server", limit: 18, narrow: true, when: "several in the report" },
  { field: "user_name", heading: "User", limit: 14, narrow: true, when: "one is shown" },
  { field: "database_name", heading: "Database", limit: 14, when: "several in the report" },
  { field: "command", heading: "Command", limit: 15, when: "one is shown" },
  { field: "object_name", heading: "Object", limit: 24, when: "one is shown" },
];

/** Decides which columns the table has: those that say something. The statement gets the most room. */
export class Columns {
  private readonly widths: ReadonlyMap<FieldName, string>;
  private readonly several: ReadonlySet<FieldName>;
  private readonly time: TableColumn;

  constructor(private readonly rows: Rows) {
    this.widths = new Map(FIELD_COLUMNS.map((column) => [column.field, this.widthOf(column)]));
    const names = FIELD_COLUMNS.map(({ field }) => field);
    this.several = new Set(names.filter((name) => this.valuesOf(name).length > 1));
    const [first, last] = [0, rows.length - 1].map((row) => rows.value("time", row)?.slice(0, 10));
    this.time = timeColumn(first !== last);
  }

  /** @param found the rows that are shown */
  of(found: Uint32Array): TableColumn[] {
    const fields = FIELD_COLUMNS.filter(({ field, when }) =>
      when === "one is shown" ? this.hasValue(field, found) : this.several.has(field),
    );
    return [this.time, CLASS, ...fields.map((column) => this.fieldColumn(column)), STATEMENT];
  }

  private fieldColumn({ field, heading, narrow = false }: FieldColumn): TableColumn {
    return {
      ...{ name: heading.toLowerCase(), heading, narrow, width: this.widths.get(field) ?? "auto" },
      cell: (record) => {
        const text = lineOf(String(record[field] ?? ""));
        // The tooltip of a value that is cut.
        return text === "" ? [] : [element("span", { title: text }, text)];
      },
    };
  }

  private valuesOf(name: FieldName): string[] {
    return this.rows
      .dictionary(name)
      .values.filter((value) => value !== null)
      .map(String);
  }

  private widthOf({ field, heading, limit }: FieldColumn): string {
    let longest = heading.length;
    for (const { length } of this.valuesOf(field)) longest = Math.max(longest, length);
    return `minmax(2.5rem, ${Math.min(longest, limit) + 1}ch)`;
  }

  private hasValue(name: FieldName, found: Uint32Array): boolean {
    return found.some((row) => this.rows.value(name, row) !== null);
  }
}

/** The day is in the page's head if it is the same for all. */
function timeColumn(hasDay: boolean): TableColumn {
  return {
    ...{ name: "time", heading: "Time (UTC)", narrow: true, width: hasDay ? "11.5rem" : "6.5rem" },
    cell: ({ time }) => [
      element(
        "time",
        { datetime: time },
        ...(hasDay ? [dayOf(time)] : []),
        time.slice("2026-11-22T".length, "2026-11-22T17:51:17".length),
        element("span", { class: "fraction" }, time.slice("2026-11-22T17:51:17".length, -1)),
      ),
    ],
  };
}

/** A phone shows it without the year. */
function dayOf(time: string): HTMLElement {
  const year = element("span", { class: "year" }, time.slice(0, "2026-".length));
  return element(
    "span",
    { class: "day" },
    year,
    `${time.slice("2026-".length, "2026-11-22".length)} `,
  );
}

const CLASS: TableColumn = {
  ...{ name: "class", heading: "Class", narrow: true, width: "6.5rem" },
  cell: (record) => {
    const severity = record.kind === "error" ? record.error_severity : null;
    return [
      element("span", { class: "dot", "data-category": categoryOf(record).toLowerCase() }),
      lineOf(record.class ?? severity ?? record.kind),
    ];
  },
};

const STATEMENT: TableColumn = {
  ...{ name: "statement", heading: "Statement", narrow: true, width: "minmax(36%, 1fr)" },
  cell: (record) => {
    const text = lineOf(statementOrMessage(record));
    if (record.ambiguous === null) return [text];
    return [element("span", { class: "badge" }, "ambiguous"), " ", text];
  },
};
