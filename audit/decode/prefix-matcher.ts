import { type Draft, ownText } from "./draft";
import { type LogLinePrefix, namesUser, type Part } from "./log-line-prefix";
import { type PrefixFields, processIdOf } from "./prefix-fields";
import { readPrefix } from "./prefix-readings";
import { valueRule } from "./prefix-values";
import { HEAD_SCANNERS, type Scanner } from "./prefix-scanners";

/** Sessions' prefixes recur; so many of them are remembered. */
const MAX_REMEMBERED = 4096;
/** Escapes whose values change from line to line of a session: a text that holds one won't come again. */
const CHANGING = "tmnlxvQie";

export interface TailReading {
  readonly fields: PrefixFields;
  /** Another way to read the same text gives other values. */
  readonly isOneOfSeveral: boolean;
}

/** What the head of the text that was scanned last says; negative ends for what it doesn't say. */
interface HeadPlaces {
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
 * Reads one log_line_prefix. It begins, as a rule, with what can be read in one way only and changes with every line
 * (the time, the process id, the line's number): the head, which is scanned. The rest is the same for a session's
 * every line: the tail, whose reading is remembered.
 */
export class PrefixMatcher {
  readonly maxLength: number;
  readonly namesUser: boolean;
  private readonly head: readonly HeadStep[];
  private readonly tail: readonly (readonly Part[])[];
  private readonly isTailRemembered: boolean;
  private readonly remembered = new Map<string, TailReading | null>();
  private readonly places: HeadPlaces = {
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
      (part, index) => index >= partsWithoutSession || !standsAlone(part, parts[index + 1]),
    );
    const tailStart = headLength < 0 ? parts.length : headLength;
    this.head = parts.slice(0, tailStart).map(headStep);
    this.tail = [
      parts.slice(tailStart),
      ...(partsWithoutSession < parts.length ? [parts.slice(tailStart, partsWithoutSession)] : []),
    ];
    this.isTailRemembered = !this.tail
      .flat()
      .some((part) => typeof part !== "string" && CHANGING.includes(part.letter));
    this.maxLength = parts.reduce((sum, part) => sum + maxLengthOf(part), 0);
    this.namesUser = namesUser(prefix);
  }

  /**
   * @param processId of the line, where it is known: a prefix that says another isn't this one
   * @returns where the head ends, negative if the text doesn't begin with it
   */
  scanHead(text: string, processId: number | null): number {
    let position = 0;
    for (let index = 0; index < this.head.length; index++) {
      const { literal, scan, letter } = this.head[index] as HeadStep;
      if (scan === undefined) {
        if (!text.startsWith(literal, position)) return -1;
        position += literal.length;
      } else {
        const end = scan(text, position);
        if (end < 0) return -1;
        this.keepPlace(letter, text, position, end);
        position = end;
      }
    }
    const { processId: written } = this.places;
    return processId !== null && written >= 0 && written !== processId ? -1 : position;
  }

  /** @returns how the text between the head and `end` reads, null if it isn't this prefix's tail */
  readTail(
    text: string,
    headEnd: number,
    end: number,
    processId: number | null,
  ): TailReading | null {
    if (headEnd > end) return null;
    const tail = text.slice(headEnd, end);
    let reading = this.remembered.get(tail);
    if (reading === undefined) {
      const own = ownText(tail);
      reading = readPrefix(this.tail, own);
      if (this.isTailRemembered) {
        if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
        this.remembered.set(own, reading);
      }
    }
    const written = reading?.fields.processId ?? null;
    return processId !== null && written !== null && written !== processId ? null : reading;
  }

  /** Writes down what the head says, as it was scanned last. */
  takeHead(text: string, draft: Draft): void {
    const { places } = this;
    if (places.processId >= 0) draft.process_id = places.processId;
    if (places.lineNumber >= 0) draft.session_line_num = places.lineNumber;
    if (places.sessionIdEnd >= 0) {
      const sessionId = text.slice(places.sessionIdStart, places.sessionIdEnd);
      draft.session_id = sessionId;
      draft.process_id ??= processIdOf(sessionId);
    }
  }

  /** %m or %t of the text that was scanned last. */
  headTimestamp(text: string): string | null {
    const { timestampStart, timestampEnd } = this.places;
    return timestampEnd < 0 ? null : text.slice(timestampStart, timestampEnd);
  }

  /** %n of the text that was scanned last. */
  headEpochSeconds(text: string): string | null {
    const { epochStart, epochEnd } = this.places;
    return epochEnd < 0 ? null : text.slice(epochStart, epochEnd);
  }

  private keepPlace(letter: string, text: string, start: number, end: number): void {
    const { places } = this;
    switch (letter) {
      case "t":
      case "m":
        places.timestampStart = start;
        places.timestampEnd = end;
        break;
      case "n":
        places.epochStart = start;
        places.epochEnd = end;
        break;
      case "c":
        places.sessionIdStart = start;
        places.sessionIdEnd = end;
        break;
      case "p":
        places.processId = numberAt(text, start, end);
        break;
      case "l":
        places.lineNumber = numberAt(text, start, end);
        break;
    }
  }
}

function headStep(part: Part): HeadStep {
  return typeof part === "string"
    ? { literal: part, letter: "", scan: undefined }
    : { literal: "", letter: part.letter, scan: HEAD_SCANNERS[part.letter] };
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

/** Whether a part can be read without looking at what follows: what follows can't go on with it. */
function standsAlone(part: Part, next: Part | undefined): boolean {
  if (typeof part === "string") return true;
  if (part.padding !== 0 || !(part.letter in HEAD_SCANNERS)) return false;
  return typeof next === "string" && !/^[\w.:]/.test(next);
}
