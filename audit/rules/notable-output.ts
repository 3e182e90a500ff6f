import { type Colors, colorsOf } from "../../common/colors";
import { csvLine } from "../output/csv-line";
import type { RecordOutput } from "../output/record-output";
import { StreamWriter, type TerminalStream } from "../output/stream-writer";
import { cutToWidth, fitToWidth, oneLine, terminalText } from "../output/terminal-text";
import { TimeZone } from "../time-zone";
import type { Finding, Level } from "./finding";
import type { Notables } from "./notables";

export type NotableFormat = "table" | "json" | "csv";

export interface NotableOutputOptions {
  readonly format: NotableFormat;
  readonly stdout: TerminalStream;
  readonly notables: Notables;
  /** Of the times in the table, as an IANA name. @default UTC */
  readonly outputZone?: string;
}

/** Lists findings: those of records in the order of the trail, then bursts and first sights. */
export class NotableOutput implements RecordOutput {
  private readonly writer: StreamWriter;

  constructor({ format, stdout, notables, outputZone = "UTC" }: NotableOutputOptions) {
    this.writer = new StreamWriter(stdout);
    const encoder =
      format === "table" ? tableEncoder(stdout, new TimeZone(outputZone)) : ENCODERS[format];
    this.writer.write(encoder.header);
    notables.listen((finding) => this.writer.write(encoder.encode(finding)));
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(): void {
    // The findings are written, not the records.
  }

  async drain(): Promise<void> {
    await this.writer.drain();
  }

  async end(): Promise<void> {
    await this.writer.finish();
  }
}

interface FindingEncoder {
  readonly header: string;
  encode(finding: Finding): string;
}

/** The columns of the CSV and the keys of the JSON, in their order. */
const NAMES = [
  ...["time", "last_time", "level", "rule", "rule_id", "count", "server", "user_name"],
  ...["database_name", "client", "command", "object_name", "text", "file", "file_offset"],
] as readonly (keyof Finding)[];

const ENCODERS: Readonly<Record<"json" | "csv", FindingEncoder>> = {
  json: {
    header: "",
    encode: (finding) => `${JSON.stringify(finding, [...NAMES])}\n`,
  },
  csv: {
    header: csvLine(NAMES),
    encode: (finding) => csvLine(NAMES.map((name) => finding[name])),
  },
};

type Column = "time" | "level" | "rule" | "user" | "object";

/** Widths of the columns before the text, from a width of the terminal on. */
const LAYOUTS: readonly {
  readonly from: number;
  readonly layout: Readonly<Partial<Record<Column, number>>>;
}[] = [
  { from: 140, layout: { time: 19, level: 8, rule: 40, user: 14, object: 22 } },
  { from: 95, layout: { time: 19, level: 8, rule: 30, user: 10 } },
  { from: 0, layout: { time: 19, level: 8, rule: 24 } },
];
const GAP = "  ";
const LEAST_TEXT_WIDTH = 20;
/** If the output isn't a terminal, or its width is unknown. */
const DEFAULT_WIDTH = 160;

function tableEncoder(stream: TerminalStream, zone: TimeZone): FindingEncoder {
  const colors = colorsOf(stream);
  const width = stream.columns ?? DEFAULT_WIDTH;
  const columns = Object.entries(LAYOUTS.find(({ from }) => width >= from)?.layout ?? {});
  const used = columns.reduce((sum, [, cell]) => sum + cell + GAP.length, 0);
  const room = Math.max(width - used, LEAST_TEXT_WIDTH);
  const heading = columns.map(([name, cell]) =>
    fitToWidth(name === "time" ? `time (${zone.isUtc ? "UTC" : zone.name})` : name, cell),
  );
  return {
    header: `${colors.dim([...heading, "statement or message"].join(GAP))}\n`,
    encode(finding) {
      const values = valuesOf(finding, zone);
      const cells = columns.map(([name, cell]) => {
        const text = fitToWidth(values[name as Column], cell);
        return name === "level" ? paint(finding.level, colors, text) : text;
      });
      const text = cutToWidth(oneLine(finding.text.slice(0, 16 * room)), room);
      return `${[...cells, text].join(GAP).trimEnd()}\n`;
    },
  };
}

function valuesOf(finding: Finding, zone: TimeZone): Readonly<Record<Column, string>> {
  const { day, time } = zone.localTime(finding.time);
  return {
    time: `${day} ${time}`,
    level: finding.level,
    rule: terminalText(finding.rule),
    user: terminalText(finding.user_name ?? ""),
    object: terminalText(finding.object_name ?? ""),
  };
}

/** The colour of a level. */
function paint(level: Level, colors: Colors, text: string): string {
  switch (level) {
    case "critical":
      return colors.bold(colors.red(text));
    case "high":
      return colors.red(text);
    case "medium":
      return colors.yellow(text);
    case "low":
    case "informational":
      return colors.dim(text);
  }
}
