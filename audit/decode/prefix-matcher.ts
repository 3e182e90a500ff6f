import { type LogLinePrefix, namesUser, type Part } from "./log-line-prefix";
import { type PrefixFields, type PrefixReading, processIdOf, readPrefix } from "./prefix-readings";
import { HEAD_SCANNERS, type Scanner, valueRule } from "./prefix-values";

/** Escapes whose values change from line to line of a session. */
const CHANGING = "tmnlxvQie";

/** Where the values are in the head of a text; negative ends and numbers for values that the prefix doesn't contain. */
export interface PrefixHead {
  end: number;
  timestampStart: number;
  timestampEnd: number;
  epochStart: number;
  epochEnd: number;
  sessionIdStart: number;
  sessionIdEnd: number;
  processId: number;
  lineNumber: number;
}

/** A literal, or an escape with the scanner of its values. */
interface HeadStep {
  readonly literal: string;
  readonly letter: string;
  readonly scan: Scanner | undefined;
}

/**
 * Reads one log_line_prefix. Usually it begins with values whose end is certain (time, process id, line number): the
 * head, which is scanned. The rest is the tail.
 */
export class PrefixMatcher {
  readonly maxLength: number;
  readonly namesUser: boolean;
  private readonly head: readonly HeadStep[];
  private readonly tail: readonly (readonly Part[])[];
  /**
   * Steps of the head up to the last value that changes from line to line; what follows is the same in all lines of a
   * session. Undefined if the tail contains such a value.
   */
  readonly changingSteps: number | undefined;
  /** The result of `scanHead`, allocated once. */
  private readonly found: PrefixHead = {
    end: 0,
    timestampStart: 0,
    timestampEnd: -1,
    epochStart: 0,
    epochEnd: -1,
    sessionIdStart: 0,
    sessionIdEnd: -1,
    processId: -1,
    lineNumber: -1,
  };

  constructor(readonly prefix: LogLinePrefix) {
    const { parts, partsWithoutSession } = prefix;
    const headLength = parts.findIndex(
      (part, index) => index >= partsWithoutSession || !isUnambiguous(part, parts[index + 1]),
    );
    const tailStart = headLength < 0 ? parts.length : headLength;
    this.head = parts.slice(0, tailStart).map(headStep);
    this.tail = [
      parts.slice(tailStart),
      ...(partsWithoutSession < parts.length ? [parts.slice(tailStart, partsWithoutSession)] : []),
    ];
    const isTailChanging = this.tail
      .flat()
      .some((part) => typeof part !== "string" && CHANGING.includes(part.letter));
    this.changingSteps = isTailChanging ? undefined : changingSteps(this.head);
    this.maxLength = parts.reduce((sum, part) => sum + maxLengthOf(part), 0);
    this.namesUser = namesUser(prefix);
  }

  /**
   * @param processId the line's, if known: a text with another one doesn't have this prefix
   * @param steps how many parts of the head to scan
   * @returns null if the text doesn't begin with this head; the object is valid until the next call
   */
  scanHead(text: string, processId: number | null, steps = this.head.length): PrefixHead | null {
    this.found.processId = -1;
    let position = 0;
    for (let index = 0; index < steps; index++) {
      const { literal, scan, letter } = this.head[index] as HeadStep;
      if (scan === undefined) {
        if (!isAt(text, position, literal)) return null;
        position += literal.length;
      } else {
        const end = scan(text, position);
        if (end < 0) return null;
        this.setPlace(letter, text, position, end);
        position = end;
      }
    }
    const { found } = this;
    found.end = position;
    const isOther = processId !== null && found.processId >= 0 && found.processId !== processId;
    return isOther ? null : found;
  }

  /** @returns the reading of the text between the head and `end`; null if it isn't this prefix's tail */
  readTail(
    text: string,
    headEnd: number,
    end: number,
    processId: number | null,
  ): PrefixReading | null {
    if (headEnd > end) return null;
    const reading = readPrefix(this.tail, text.slice(headEnd, end));
    const written = reading?.fields.processId ?? null;
    return processId !== null && written !== null && written !== processId ? null : reading;
  }

  /** Whether one text may begin with both heads; true in case of doubt. */
  mayFitSameText(other: PrefixMatcher): boolean {
    for (let index = 0; index < Math.min(this.head.length, other.head.length); index++) {
      const [mine, its] = [this.head[index] as HeadStep, other.head[index] as HeadStep];
      if (mine.literal === its.literal && mine.scan === its.scan) continue;
      const isExcluded =
        mine.scan === undefined && its.scan === undefined
          ? !mine.literal.startsWith(its.literal) && !its.literal.startsWith(mine.literal)
          : excludes(mine, its) || excludes(its, mine);
      return !isExcluded;
    }
    return true;
  }

  private setPlace(letter: string, text: string, start: number, end: number): void {
    const { found } = this;
    switch (letter) {
      case "t":
      case "m":
        found.timestampStart = start;
        found.timestampEnd = end;
        break;
      case "n":
        found.epochStart = start;
        found.epochEnd = end;
        break;
      case "c":
        found.sessionIdStart = start;
        found.sessionIdEnd = end;
        break;
      case "p":
        found.processId = numberAt(text, start, end);
        break;
      case "l":
        found.lineNumber = numberAt(text, start, end);
        break;
    }
  }
}

function changingSteps(head: readonly HeadStep[]): number {
  return head.reduce(
    (steps, { letter }, index) => (letter !== "" && CHANGING.includes(letter) ? index + 1 : steps),
    0,
  );
}

function headStep(part: Part): HeadStep {
  return typeof part === "string"
    ? { literal: part, letter: "", scan: undefined }
    : { literal: "", letter: part.letter, scan: HEAD_SCANNERS[part.letter] };
}

/** Whether the literal begins like no value of the escape: all of them begin with a digit, session ids also with a to f. */
const excludes = ({ literal, scan }: HeadStep, { scan: others }: HeadStep): boolean =>
  scan === undefined && others !== undefined && !/^[\da-f]/.test(literal);

/** Faster than startsWith for the short literals of a head. */
function isAt(text: string, position: number, literal: string): boolean {
  for (let index = 0; index < literal.length; index++) {
    if (text.charCodeAt(position + index) !== literal.charCodeAt(index)) return false;
  }
  return true;
}

function numberAt(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + text.charCodeAt(at) - 0x30;
  return value;
}

function maxLengthOf(part: Part): number {
  if (typeof part === "string") return part.length;
  return Math.max(Math.abs(part.padding), valueRule(part.letter).maxLength);
}

/** Whether the part's end is unambiguous, because the next part can't continue its value. */
function isUnambiguous(part: Part, next: Part | undefined): boolean {
  if (typeof part === "string") return true;
  if (part.padding !== 0 || !(part.letter in HEAD_SCANNERS)) return false;
  return typeof next === "string" && !/^[\w.:]/.test(next);
}

/** The values of the head and of a reading of the tail. */
export function withHead(head: PrefixHead, text: string, fields: PrefixFields): PrefixFields {
  const sessionId = headSessionId(head, text) ?? fields.sessionId;
  const written = head.processId < 0 ? fields.processId : head.processId;
  return {
    ...fields,
    sessionId,
    processId: written ?? (sessionId === null ? null : processIdOf(sessionId)),
    sessionLineNum: head.lineNumber < 0 ? fields.sessionLineNum : head.lineNumber,
    timestamp: headTimestamp(head, text) ?? fields.timestamp,
    epochSeconds: headEpochSeconds(head, text) ?? fields.epochSeconds,
  };
}

const headSessionId = (head: PrefixHead, text: string): string | null =>
  head.sessionIdEnd < 0 ? null : text.slice(head.sessionIdStart, head.sessionIdEnd);

/** %m or %t. */
export const headTimestamp = (head: PrefixHead, text: string): string | null =>
  head.timestampEnd < 0 ? null : text.slice(head.timestampStart, head.timestampEnd);

/** %n. */
export const headEpochSeconds = (head: PrefixHead, text: string): string | null =>
  head.epochEnd < 0 ? null : text.slice(head.epochStart, head.epochEnd);
