import type { RecordOutput } from "../output/record-output";
import { StreamWriter, type TerminalStream } from "../output/stream-writer";
import { addTally, newTally, type Tally } from "../output/tally";
import type { OrderedResult } from "../order/record-order";
import { readTrail, type TrailReading } from "../read-trail";
import type { LogRecord } from "../record";
import type { TimeRange } from "../select/time-range";
import type { Source } from "../sources/source";
import type { Compared } from "./compared";
import { Comparison, type ComparedRanges } from "./comparison";
import type { Side } from "./side";
import { type ComparisonFormat, comparisonText } from "./write-comparison";

export interface ComparingOptions extends Pick<TrailReading, "source" | "selection" | "signal"> {
  readonly compared: Compared;
  /** Whether the trail is in files, not in a storage account's container. */
  readonly isLocal: boolean;
  readonly format: ComparisonFormat;
  readonly stream: TerminalStream;
  /** Opens the trail in one of two compared files or folders. */
  readonly openPath: (path: string) => Promise<Source>;
}

/**
 * Reads both sides, and writes what differs between them; nothing if the reading stopped early.
 * @throws UserError as reading does
 */
export async function compareTrails(options: ComparingOptions): Promise<OrderedResult> {
  const { compared, signal, format, stream } = options;
  const comparison = new Comparison(compared.names, compared.ranges);
  const tally = newTally();
  const notices = new Set<string>();
  for (const reading of await readingsOf(comparison, options)) {
    const result = await readTrail(reading);
    addTally(tally, result.tally);
    for (const notice of result.notices) notices.add(notice);
    tally.stoppedEarly ||= signal.aborted;
    if (tally.stoppedEarly) break;
  }
  if (!tally.stoppedEarly) {
    const writer = new StreamWriter(stream);
    writer.write(comparisonText(comparison, format, stream.columns));
    await writer.finish();
  }
  return { tally, notices: [...notices] };
}

async function readingsOf(
  comparison: Comparison,
  { compared, isLocal, source, selection, signal, openPath }: ComparingOptions,
): Promise<TrailReading[]> {
  const common = { selection, signal };
  if (compared.paths) {
    const [before, after] = [compared.paths.before, compared.paths.after];
    return [
      { ...common, source: await openPath(before), output: new SideOutput(comparison.before) },
      { ...common, source: await openPath(after), output: new SideOutput(comparison.after) },
    ];
  }
  return spansOf(compared.ranges, isLocal).map((range) => ({
    ...common,
    source,
    selection: { ...selection, range },
    output: new TimesOutput(comparison),
  }));
}

/** The blob of an hour may contain records of the hour before. */
const SHARED_BLOBS_MILLISECONDS = 2 * 3_600_000;

/**
 * The spans of time to read: one over both ranges, so that no file is read twice. Only in a container are distant ranges
 * read separately, because there the blobs between them needn't be downloaded.
 */
export function spansOf({ before, after }: ComparedRanges, isLocal: boolean): TimeRange[] {
  const [first, second] = before.since <= after.since ? [before, after] : [after, before];
  const gap = second.since.getTime() - first.until.getTime();
  if (!isLocal && gap >= SHARED_BLOBS_MILLISECONDS) return [first, second];
  return [{ since: first.since, until: first.until > second.until ? first.until : second.until }];
}

/** Counts the records of one place. */
class SideOutput implements RecordOutput {
  readonly usesLines = false;

  constructor(private readonly side: Side) {}

  write(record: LogRecord): void {
    this.side.add(record);
  }

  async drain(): Promise<void> {}
  async end(): Promise<void> {}
}

/** Counts the records by their time. */
class TimesOutput implements RecordOutput {
  readonly usesLines = false;
  private outside = 0;
  private ambiguousOutside = 0;

  constructor(private readonly comparison: Comparison) {}

  write(record: LogRecord): void {
    if (this.comparison.addByTime(record)) return;
    this.outside += 1;
    if (record.ambiguous !== null) this.ambiguousOutside += 1;
  }

  async drain(): Promise<void> {}

  /** Records between the ranges aren't counted, like all outside the range of time. */
  async end(tally: Tally): Promise<void> {
    tally.shown -= this.outside;
    tally.ambiguous -= this.ambiguousOutside;
  }
}
