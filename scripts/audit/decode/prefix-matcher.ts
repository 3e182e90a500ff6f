import { Draft, ownText } from "./draft";
import { LogLinePrefix, namesUser, Part } from "./log-line-prefix";
import { readPrefix, Reading } from "./prefix-readings";
import { HEAD_SCANNERS, valueRule } from "./prefix-values";

/** Sessions' prefixes recur; so many of them are remembered. */
const MAX_REMEMBERED = 4096;
/** Escapes whose values change from line to line of a session: a text that holds one won't come again. */
const CHANGING = "tmnlxvQie";

/**
 * Reads one log_line_prefix. It begins, as a rule, with what can be read in one way only and changes with every line
 * (the time, the process id, the line's number): the head, which is scanned. The rest is the same for a session's
 * every line: the tail, whose reading is remembered.
 */
export class PrefixMatcher {
  readonly maxLength: number;
  readonly namesUser: boolean;
  private readonly head: readonly Part[];
  private readonly tail: readonly (readonly Part[])[];
  private readonly isTailRemembered: boolean;
  private readonly remembered = new Map<string, Reading | undefined>();
  /** Where the head's values end in the text that was scanned last, by index of the part; starts likewise. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  constructor(readonly prefix: LogLinePrefix) {
    const { parts, partsWithoutSession } = prefix;
    const headLength = parts.findIndex(
      (part, index) => index >= partsWithoutSession || !standsAlone(part, parts[index + 1]),
    );
    this.head = headLength < 0 ? parts : parts.slice(0, headLength);
    this.tail = [
      parts.slice(this.head.length),
      ...(partsWithoutSession < parts.length
        ? [parts.slice(this.head.length, partsWithoutSession)]
        : []),
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
      const part = this.head[index] as Part;
      let end: number;
      if (typeof part === "string") {
        end = text.startsWith(part, position) ? position + part.length : -1;
      } else {
        end = HEAD_SCANNERS[part.letter]?.(text, position) ?? -1;
        this.starts[index] = position;
        this.ends[index] = end;
      }
      if (end < 0) return -1;
      if (
        processId !== null &&
        typeof part !== "string" &&
        part.letter === "p" &&
        Number(text.slice(position, end)) !== processId
      ) {
        return -1;
      }
      position = end;
    }
    return position;
  }

  /** @returns how the text between the head and `end` reads, undefined if it isn't this prefix's tail */
  readTail(text: string, headEnd: number, end: number): Reading | undefined {
    if (headEnd > end) return undefined;
    const tail = text.slice(headEnd, end);
    if (!this.isTailRemembered) return readPrefix(this.tail, tail);
    if (this.remembered.has(tail)) return this.remembered.get(tail);
    const own = ownText(tail);
    const reading = readPrefix(this.tail, own);
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    this.remembered.set(own, reading);
    return reading;
  }

  /** Writes down what the head says, as it was scanned last. */
  applyHead(text: string, values: PrefixTarget): void {
    for (let index = 0; index < this.head.length; index++) {
      const part = this.head[index] as Part;
      if (typeof part === "string") continue;
      values.take(part.letter, text.slice(this.starts[index], this.ends[index]));
    }
  }
}

/** Takes a prefix's values into a record. */
export class PrefixTarget {
  /** As %m or %t have it. */
  timestamp: string | undefined;
  /** As %n has it. */
  epochSeconds: string | undefined;
  private draft: Draft | undefined;

  begin(draft: Draft): void {
    this.draft = draft;
    this.timestamp = undefined;
    this.epochSeconds = undefined;
  }

  takeAll(reading: Reading): void {
    for (const letter in reading.values) this.take(letter, reading.values[letter] ?? "");
  }

  take(letter: string, value: string): void {
    const draft = this.draft as Draft;
    switch (letter) {
      case "a":
        draft.application_name ??= value || null;
        break;
      case "u":
        draft.user_name ??= value || null;
        break;
      case "d":
        draft.database_name ??= value || null;
        break;
      case "h":
        draft.client ??= value || null;
        break;
      case "r":
        takeRemote(value, draft);
        break;
      case "p":
        draft.process_id ??= Number(value);
        break;
      case "l":
        draft.session_line_num = Number(value);
        break;
      case "c":
        draft.session_id = value;
        draft.process_id ??= parseInt(value.slice(value.indexOf(".") + 1), 16);
        break;
      case "b":
        draft.backend_type ??= value || null;
        break;
      case "e":
        draft.sql_state_code ??= value;
        break;
      case "m":
        this.timestamp = value;
        break;
      case "t":
        this.timestamp ??= value;
        break;
      case "n":
        this.epochSeconds = value;
        break;
    }
  }
}

/** `10.0.0.4(51234)`, `[local]`. */
function takeRemote(value: string, draft: Draft): void {
  const [host, port] = value.split(/\((?=\d+\)$)/) as [string, string?];
  draft.client ??= host || null;
  if (port !== undefined) draft.client_port = parseInt(port, 10);
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
