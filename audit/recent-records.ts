import { compareText } from "../common/compare-text";
import type { LogRecord } from "./record";
import { RecordReader, type Selection } from "./record-reader";
import type { Chunk } from "./sources/source";

/** Following begins with this number of records, so that a user sees what is followed. */
export const RECENT_RECORDS = 10;

export interface RecentRecord {
  readonly record: LogRecord;
  /** Without its line end. */
  readonly line: Buffer;
}

/** The newest records of the ends of files that pass the filters, oldest first. Lines that can't be decoded are left out. */
export function recentRecords(
  ends: readonly Chunk[],
  selection: Selection,
  count = RECENT_RECORDS,
): RecentRecord[] {
  const records: RecentRecord[] = [];
  const reader = new RecordReader(selection, (record, line) =>
    records.push({ record, line: Buffer.from(line) }),
  );
  for (const end of ends) {
    const splitter = reader.splitterOf(end.file);
    splitter.push(end);
    splitter.finish();
  }
  return records.sort((a, b) => compareText(a.record.time, b.record.time)).slice(-count);
}
