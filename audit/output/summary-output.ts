import type { LogRecord } from "../record";
import type { Notables } from "../rules/notables";
import { notableTable } from "../rules/notable-summary";
import { TimeZone } from "../time-zone";
import { csvLine } from "./csv-line";
import type { RecordOutput } from "./record-output";
import { StreamWriter, type TerminalStream } from "./stream-writer";
import { type Count, Summary, SUMMARY_GROUPS, type SummaryGroup } from "./summary";
import { formatCount, type Tally } from "./tally";
import { fitToWidth, terminalText, textWidth } from "./terminal-text";

/** Values of a group in the table; the other formats contain all. */
const VALUES_SHOWN = 10;
/** Of the hours, the newest day is shown. */
const HOURS_SHOWN = 24;
const BAR_WIDTH = 24;
const NAME_WIDTH = 48;

export type SummaryFormat = "table" | "json" | "csv";

/** Counts the records, and writes the counts at the end. */
export class SummaryOutput implements RecordOutput {
  readonly share = {
    kind: "summary",
    add: (part) => this.summary.addPart(part),
  } satisfies RecordOutput["share"];
  readonly usesLines = false;
  private readonly summary = new Summary();
  private readonly writer: StreamWriter;
  private readonly zone: TimeZone;

  /** @param timeZone of the table's times, as an IANA name; the other formats are in UTC */
  constructor(
    private readonly format: SummaryFormat,
    stream: TerminalStream,
    timeZone = "UTC",
    /** Their findings begin the output. */
    private readonly notables?: Notables,
  ) {
    this.writer = new StreamWriter(stream);
    this.zone = new TimeZone(timeZone);
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(record: LogRecord): void {
    this.summary.add(record);
  }

  async drain(): Promise<void> {
    await this.writer.drain();
  }

  async end({ stoppedEarly }: Pick<Tally, "stoppedEarly">): Promise<void> {
    const { zone, notables } = this;
    this.writer.write(RENDERERS[this.format](this.summary, { stoppedEarly, zone, notables }));
    await this.writer.finish();
  }
}

interface SummaryContext {
  readonly stoppedEarly: boolean;
  readonly zone: TimeZone;
  readonly notables?: Notables;
}

type Renderer = (summary: Summary, context: SummaryContext) => string;

const RENDERERS: Readonly<Record<SummaryFormat, Renderer>> = {
  table: summaryTable,
  json: summaryJson,
  csv: summaryCsv,
};

function summaryJson(summary: Summary, { stoppedEarly, notables }: SummaryContext): string {
  const { records, first, last } = summary.part();
  const groups = SUMMARY_GROUPS.map((group) => [group, summary.counts(group)] as const);
  const whole = { notable: notables?.list(), records, first, last, stopped_early: stoppedEarly };
  return `${JSON.stringify({ ...whole, ...Object.fromEntries(groups) })}\n`;
}

function summaryCsv(summary: Summary, { stoppedEarly, notables }: SummaryContext): string {
  const incomplete = stoppedEarly ? [csvLine(["stopped_early", null, summary.part().records])] : [];
  const notable = (notables?.list() ?? []).map(({ title, count }) =>
    csvLine(["notable", title, count]),
  );
  const rows = SUMMARY_GROUPS.flatMap((group) =>
    summary.counts(group).map(({ value, records }) => csvLine([group, value, records])),
  );
  return [csvLine(["group", "value", "records"]), ...incomplete, ...notable, ...rows].join("");
}

function summaryTable(summary: Summary, { stoppedEarly, zone, notables }: SummaryContext): string {
  const { records, first, last } = summary.part();
  const incomplete = stoppedEarly ? "Incomplete, because the reading stopped early: " : "";
  if (first === null || last === null) {
    return incomplete ? `${incomplete}no records.\n` : "No records.\n";
  }
  const [from, to] = [zone.localTime(first), zone.localTime(last)];
  const span = `${from.day} ${from.time} to ${to.day} ${to.time} ${zone.isUtc ? "UTC" : zone.name}`;
  const title = `${incomplete}${formatCount(records)} ${records === 1 ? "record" : "records"}, ${span}\n`;
  const notable = notables ? notableTable(notables, zone) : "";
  const groups = SUMMARY_GROUPS.map((group) => groupTable(group, summary, zone));
  return title + notable + groups.join("");
}

function groupTable(group: SummaryGroup, summary: Summary, zone: TimeZone): string {
  const counts = summary.counts(group);
  if (counts.length === 0) return "";
  const isHour = group === "hour";
  const shown = isHour ? counts.slice(-HOURS_SHOWN) : counts.slice(0, VALUES_SHOWN);
  const nameOf = (value: string) => (isHour ? hourName(value, zone) : terminalText(value));
  const rows = shown.map(({ value, records }) => ({
    name: value === null ? "(none)" : nameOf(value),
    records,
  }));
  const most = Math.max(...rows.map(({ records }) => records));
  const nameWidth = Math.min(NAME_WIDTH, Math.max(...rows.map(({ name }) => textWidth(name))));
  const countWidth = formatCount(most).length;
  const lines = rows.map(({ name, records }) => {
    const bar = "█".repeat(Math.max(1, Math.round((records / most) * BAR_WIDTH)));
    return `  ${fitToWidth(name, nameWidth)}  ${formatCount(records).padStart(countWidth)}  ${bar}\n`;
  });
  return `\n${group}\n${lines.join("")}${rest(counts, shown, isHour)}`;
}

function rest(all: readonly Count[], shown: readonly Count[], isHour: boolean): string {
  const missing = all.length - shown.length;
  if (missing === 0) return "";
  const sum = (counts: readonly Count[]) =>
    counts.reduce((total, { records }) => total + records, 0);
  const records = formatCount(sum(all) - sum(shown));
  return `  and ${formatCount(missing)} ${isHour ? "earlier" : "more"}, with ${records} records\n`;
}

/**
 * When an hour of UTC begins. In a zone that is half an hour ahead it begins at half past; and when clocks are set back,
 * the offsets distinguish the hours of the same name.
 */
function hourName(hour: string, zone: TimeZone): string {
  const { day, time, offset } = zone.localTime(`${hour}:00:00Z`);
  return `${day} ${time.slice(0, "17:00".length)}${zone.isUtc ? "" : ` ${offset}`}`;
}
