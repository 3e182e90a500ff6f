import { type Colors, colorsOf } from "../../common/colors";
import type { LogRecord } from "../record";
import { TimeZone } from "../time-zone";
import type { RecordOutput } from "./record-output";
import { StreamWriter, type TerminalStream } from "./stream-writer";
import { cutToWidth, fitToWidth, oneLine, terminalText } from "./terminal-text";

type Column = "time" | "class" | "user" | "database" | "command" | "object";

type Values = Readonly<Record<Column, string>>;

/** Widths of the columns before the text; the text fills the rest of the line. */
type Layout = Readonly<Partial<Record<Column, number>>>;

/**
 * Each applies from a width of the terminal on. A narrow table has fewer columns: the statement contains the command, but
 * not always the object.
 */
const LAYOUTS: readonly { readonly from: number; readonly layout: Layout }[] = [
  { from: 180, layout: { time: 8, class: 10, user: 20, database: 16, command: 20, object: 32 } },
  { from: 140, layout: { time: 8, class: 10, user: 14, database: 12, command: 16, object: 24 } },
  { from: 105, layout: { time: 8, class: 10, user: 12, command: 14, object: 22 } },
  { from: 90, layout: { time: 8, class: 10, user: 10, command: 12, object: 18 } },
  { from: 75, layout: { time: 8, class: 10, user: 10, object: 18 } },
  { from: 0, layout: { time: 8, class: 10, user: 10 } },
];
const GAP = "  ";
const LEAST_TEXT_WIDTH = 20;
/** If the output isn't a terminal, or its width is unknown. */
const DEFAULT_WIDTH = 120;

/** A table whose widths depend on the terminal's width only, so that each line is written with its record. */
export class TableOutput implements RecordOutput {
  readonly usesLines = false;
  private readonly writer: StreamWriter;
  private readonly zone: TimeZone;
  /** The heading of the current day. */
  private day = "";

  /** @param timeZone of the times, as an IANA name */
  constructor(
    private readonly stream: TerminalStream,
    private readonly colors: Colors = colorsOf(stream),
    timeZone = "UTC",
  ) {
    this.writer = new StreamWriter(stream);
    this.zone = new TimeZone(timeZone);
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(record: LogRecord): void {
    // Read for each record: the window's size may have changed.
    const width = this.stream.columns ?? DEFAULT_WIDTH;
    const layout = layoutFor(width);
    const { day, time, offset } = this.zone.localTime(record.time);
    // Also when clocks are set back: the times of an hour occur twice.
    const heading = `${day} (${this.zone.isUtc ? "UTC" : `${this.zone.name}, UTC${offset}`})`;
    if (heading !== this.day) {
      if (this.day === "") this.writer.write(this.heading(layout));
      this.writer.write(`${this.colors.bold(heading)}\n`);
    }
    this.day = heading;
    this.writer.write(`${this.line({ ...columnsOf(record), time }, record, layout, width)}\n`);
  }

  async drain(): Promise<void> {
    await this.writer.drain();
  }

  async end(): Promise<void> {
    await this.writer.finish();
  }

  private heading(layout: Layout): string {
    const cells = Object.entries(layout).map(([name, width]) => fitToWidth(name, width));
    return `${this.colors.dim([...cells, "statement or message"].join(GAP))}\n`;
  }

  private line(values: Values, record: LogRecord, layout: Layout, width: number): string {
    const paint = this.painter(record);
    const cells = Object.entries(layout).map(([name, cellWidth]) => {
      const cell = fitToWidth(values[name as Column], cellWidth);
      return name === "class" ? paint.label(cell) : paint.line(cell);
    });
    const used = Object.values(layout).reduce((sum, cell) => sum + cell + GAP.length, 0);
    const room = Math.max(width - used, LEAST_TEXT_WIDTH);
    return [...cells, paint.line(cutToWidth(textOf(record, room), room))].join(GAP).trimEnd();
  }

  private painter({ kind, class: className, error_severity: severity }: LogRecord) {
    const { colors } = this;
    const plain = (text: string) => text;
    if (kind === "error") {
      if (severity === "ERROR") return { label: colors.red, line: colors.red };
      if (severity === "FATAL" || severity === "PANIC") {
        return { label: (text: string) => colors.bold(colors.red(text)), line: colors.red };
      }
      return { label: colors.yellow, line: plain };
    }
    const label: Readonly<Record<string, (text: string) => string>> = {
      READ: colors.green,
      WRITE: colors.yellow,
      FUNCTION: colors.cyan,
      DDL: colors.magenta,
      ROLE: (text) => colors.bold(colors.magenta(text)),
    };
    return { label: label[className ?? ""] ?? colors.dim, line: plain };
  }
}

function layoutFor(width: number): Layout {
  return LAYOUTS.find(({ from }) => width >= from)?.layout ?? {};
}

function columnsOf(record: LogRecord): Omit<Values, "time"> {
  const { kind, error_severity: severity } = record;
  return {
    class: terminalText(record.class ?? (kind === "error" ? severity : null) ?? kind),
    user: terminalText(record.user_name ?? ""),
    database: terminalText(record.database_name ?? ""),
    command: terminalText(record.command ?? ""),
    object: terminalText(record.object_name ?? ""),
  };
}

/** Statement or message with its details in one line; of a long text only the part that may fit. */
function textOf(record: LogRecord, width: number): string {
  // `oneLine` shortens space, so more characters than the width may fit.
  const short = (text: string) => {
    const enough = 16 * width;
    return text.length > enough ? `${oneLine(text.slice(0, enough))}…` : oneLine(text);
  };
  const { statement, statement_omitted: omitted, parameters, message, detail, ambiguous } = record;
  const doubt = ambiguous === null ? [] : [`[ambiguous ${ambiguous}]`];
  const said = statement ?? (omitted === null ? message : `<${omitted}>`) ?? "";
  const duration = record.duration_ms === null ? [] : [`${record.duration_ms} ms`];
  const values = parameters && parameters.length > 0 ? [`[${parameters.join(", ")}]`] : [];
  const text = statement === null ? [said] : [...duration, said];
  return [...doubt, ...text, ...values, ...(detail === null ? [] : [`(${detail})`])]
    .map(short)
    .join(GAP);
}
