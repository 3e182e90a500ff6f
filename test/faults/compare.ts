import { type JsonLogLine } from "../../local/backends/log-shipper/log-line-prefix";

/** A record of a blob; only what the comparison needs. */
export interface TrailRecord {
  readonly properties: {
    readonly timestamp: string;
    readonly processId: number;
    readonly errorLevel: string;
    readonly sqlerrcode: string;
    /** log_line_prefix, level and text. */
    readonly message: string;
  };
}

export interface Comparison {
  /** Lines of PostgreSQL's log that the trail must contain. */
  readonly expected: number;
  /** Lines that the trail doesn't contain. */
  readonly lost: readonly JsonLogLine[];
  /** Records beyond the number of their lines. */
  readonly doubled: readonly TrailRecord[];
  /** Records of lines that the log doesn't contain. */
  readonly unknown: readonly TrailRecord[];
  /** Records that come before an earlier line of their session. */
  readonly outOfOrder: readonly TrailRecord[];
}

interface Candidate {
  readonly index: number;
  readonly ending: string;
  matched: boolean;
}

/**
 * Compares PostgreSQL's log, in its order, with a trail, in its order.
 *
 * A record has no session id, and its prefix is the one that was set when it was shipped. So a record belongs to a line with
 * the same time, process, level and SQLSTATE whose text ends the record's message; equal lines are counted.
 *
 * @param from the index of the first line to judge
 * @param isDelivered whether a line was logged while there was a diagnostic setting
 */
export function compareTrail(
  lines: readonly JsonLogLine[],
  records: readonly TrailRecord[],
  from = 0,
  isDelivered: (line: JsonLogLine) => boolean = () => true,
): Comparison {
  const candidates = new Map<string, Candidate[]>();
  lines.forEach((line, index) => {
    const { timestamp, pid, error_severity, state_code = "00000", message } = line;
    const key = JSON.stringify([timestamp, pid, error_severity, state_code]);
    const candidate = { index, ending: message, matched: false };
    const same = candidates.get(key);
    if (same) same.push(candidate);
    else candidates.set(key, [candidate]);
  });
  const doubled: TrailRecord[] = [];
  const unknown: TrailRecord[] = [];
  const outOfOrder: TrailRecord[] = [];
  const matched = new Set<number>();
  const lastOfSession = new Map<string, number>();
  for (const record of records) {
    const { timestamp, processId, errorLevel, sqlerrcode, message } = record.properties;
    const key = JSON.stringify([timestamp, processId, errorLevel, sqlerrcode]);
    const fitting = longest(
      (candidates.get(key) ?? []).filter(({ ending }) => message.endsWith(ending)),
    );
    const candidate = fitting.find(({ matched }) => !matched);
    const judged = candidate ?? fitting[0];
    if (judged === undefined) unknown.push(record);
    if (judged === undefined) continue;
    if (candidate === undefined) {
      if (judged.index >= from) doubled.push(record);
      continue;
    }
    candidate.matched = true;
    matched.add(candidate.index);
    const session = lines[candidate.index]?.session_id ?? "";
    const last = lastOfSession.get(session) ?? -1;
    if (candidate.index < last && candidate.index >= from) outOfOrder.push(record);
    lastOfSession.set(session, Math.max(last, candidate.index));
  }
  const expected = [...lines.entries()].filter(
    ([index, line]) => index >= from && (matched.has(index) || isDelivered(line)),
  );
  const lost = expected.filter(([index]) => !matched.has(index)).map(([, line]) => line);
  return { expected: expected.length, lost, doubled, unknown, outOfOrder };
}

/** Those with the longest text: another line's text can be the end of this one's. */
function longest(candidates: readonly Candidate[]): Candidate[] {
  const length = Math.max(...candidates.map(({ ending }) => ending.length));
  return candidates.filter(({ ending }) => ending.length === length);
}
