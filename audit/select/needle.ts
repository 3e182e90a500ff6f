import { lineEnd, withoutReturn } from "../lines/line-splitter";
import type { FilterOptions } from "./filter";
import { ignoresCase, isExclusion, isGlob, isRegularExpression } from "./patterns";

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const SMALL_C = 0x63;

/** A shorter text is in too many lines to save work. */
const MINIMUM_LENGTH = 3;

/**
 * Characters that no writer of JSON or CSV escapes. All writers escape quotes and backslashes, some also non-ASCII
 * characters and `& ' + < = > /` and the backquote (System.Text.Json, Gson).
 */
const PLAIN_RUNS = /[A-Za-z0-9_ .,:;()-]+/g;
const PLAIN = new RegExp(PLAIN_RUNS.source);
const ESCAPE = Buffer.from("\\u00");

/**
 * The time of a record of Azure's and of jsonlog in its usual notation. No string of JSON contains this, because its
 * quotes would be escaped.
 */
const TIME_KEY = Buffer.from('"timestamp":"');
const UTC_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) (?:UTC|GMT)"$/;
const UTC_TIME_LENGTH = '2026-11-22 17:51:17.034 UTC"'.length;

/**
 * A text that the bytes of a line must contain if its record passes the filters, so that a line without it needn't be
 * decoded. Of several such texts, the one that is probably the rarest.
 * @returns undefined if the filters require no text
 */
export function needleOf(filters: FilterOptions): string | undefined {
  // A line that contains an excluded value may contain it elsewhere too.
  const single = (values: readonly string[] = []) => {
    const included = values.filter((value) => !isExclusion(value));
    return included.length === 1 ? included[0] : undefined;
  };
  const literal = (value: string | undefined) =>
    value === undefined || isGlob(value) ? undefined : value;
  const field = (value: string | undefined) =>
    value === undefined ? undefined : `,${value.toUpperCase()},`;
  const grep = single(filters.grep === undefined ? [] : [filters.grep]);
  const client = single(filters.client);
  // Usually the rarest first. Session and process ids aren't used: the line may contain them in another notation.
  const words = [
    grep === undefined || isRegularExpression(grep) || ignoresCase(grep) ? undefined : grep,
    single(filters.object),
    client?.includes("/") ? undefined : client,
    single(filters.user),
    field(literal(single(filters.command))),
    field(single(filters.class)),
    single(filters.database),
  ];
  for (const word of words) {
    const run = longest((word ?? "").split(/[*?]/).flatMap((part) => part.match(PLAIN_RUNS) ?? []));
    if (run.length >= MINIMUM_LENGTH) return run;
  }
  return undefined;
}

function longest(runs: readonly string[]): string {
  return runs.reduce((best, run) => (run.length > best.length ? run : best), "");
}

/**
 * Finds the lines of JSON that may pass the filters: lines that contain the needle, lines in which escapes may hide it,
 * and lines that don't look like a record, which are to be reported as broken.
 */
export class NeedleSearch {
  private readonly needle: Buffer;

  /** @param isInRange whether a record's time is in the range; undefined if every time is */
  constructor(
    needle: string,
    private readonly isInRange?: (time: string) => boolean,
  ) {
    this.needle = Buffer.from(needle, "latin1");
  }

  /**
   * Calls `line` for each line of a block that must be decoded.
   * @returns the number of other lines that aren't empty: records of the range that the filters leave out
   */
  forEachCandidate(
    block: Buffer,
    fileOffset: number,
    line: (bytes: Buffer, fileOffset: number) => void,
  ): number {
    let passed = 0;
    let needle = this.next(block, 0);
    let escape = nextNeedlessEscape(block, 0);
    let timeKey = this.nextTimeKey(block, 0);
    for (let start = 0; start < block.length;) {
      const end = lineEnd(block, start);
      const last = withoutReturn(block, start, end);
      const mayMatch = needle < end || escape < end;
      const isInRange =
        mayMatch || !isOneRecord(block, start, last)
          ? undefined
          : this.isTimeInRange(block, timeKey, last);
      if (isInRange) passed += 1;
      else if (isInRange === undefined && last > start) {
        line(block.subarray(start, last), fileOffset + start);
      }
      start = end + 1;
      if (needle < start) needle = this.next(block, start);
      if (escape < start) escape = nextNeedlessEscape(block, start);
      if (timeKey < start) timeKey = this.nextTimeKey(block, start);
    }
    return passed;
  }

  /** @returns undefined if the record has no time in the usual notation, so that it must be decoded to be counted */
  private isTimeInRange(block: Buffer, timeKey: number, end: number): boolean | undefined {
    if (!this.isInRange) return true;
    const at = timeKey + TIME_KEY.length;
    if (at >= end) return undefined;
    const [, day, time] = UTC_TIME.exec(block.toString("latin1", at, at + UTC_TIME_LENGTH)) ?? [];
    return day === undefined ? undefined : this.isInRange(`${day}T${time}Z`);
  }

  /** The block's length if there is none, or if times don't matter. */
  private nextTimeKey(block: Buffer, from: number): number {
    const at = this.isInRange ? block.indexOf(TIME_KEY, from) : -1;
    return at < 0 ? block.length : at;
  }

  private next(block: Buffer, from: number): number {
    const at = block.indexOf(this.needle, from);
    return at < 0 ? block.length : at;
  }
}

/** Judged by the first and last bytes; an envelope of several records isn't one record. */
function isOneRecord(block: Buffer, start: number, end: number): boolean {
  return (
    block[start] === OPENING_BRACE &&
    block[end - 1] === CLOSING_BRACE &&
    !(block[start + 4] === SMALL_C && block.toString("latin1", start, start + 9) === '{"records')
  );
}

/** The position of an escape of a plain character (`\u0041` for A); the block's length if there is none. */
function nextNeedlessEscape(block: Buffer, from: number): number {
  for (let at = block.indexOf(ESCAPE, from); at >= 0; at = block.indexOf(ESCAPE, at + 1)) {
    const digits = block.toString("latin1", at + ESCAPE.length, at + ESCAPE.length + 2);
    if (PLAIN.test(String.fromCharCode(parseInt(digits, 16)))) return at;
  }
  return block.length;
}
