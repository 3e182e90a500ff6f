import { formatCount } from "../output/tally";

/** What was found while records were sorted. */
export class OrderCounts {
  written = 0;
  /** Repeated records that were left out. */
  dropped = 0;
  /** Records that were delivered before, also those that were left out. */
  repeated = 0;
  /** Records with the bytes of an earlier one that may be other events. */
  alike = 0;
  /** Records that were written after a later one. */
  late = 0;

  /** The counts for people. */
  get notices(): readonly string[] {
    const { dropped, repeated, alike, late } = this;
    const notices: string[] = [];
    if (repeated > 0 && dropped === 0) {
      notices.push(`${records(repeated)} repeated; --unique drops them.`);
    }
    if (alike > 0) {
      notices.push(
        `${records(alike)} equal to another one, but their log_line_prefix has no number of the line (%l): ` +
          `they may be repeated, or different events, and are kept.`,
      );
    }
    if (late > 0) {
      notices.push(
        `${formatCount(late)} ${late === 1 ? "record" : "records"} came too late to be sorted.`,
      );
    }
    return notices;
  }
}

const records = (count: number): string =>
  count === 1 ? "1 record is" : `${formatCount(count)} records are`;
