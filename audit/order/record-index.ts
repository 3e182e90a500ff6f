import type { LogRecord } from "../record";
import { LineHash } from "./line-hash";

/** Numbers of a record in the index. */
const WIDTH = 4;
/** Of a record whose line names no session or no number in it, or names them in a text that could be a client's. */
const NO_IDENTITY = -1;
/** Process ids are smaller. Source: Linux, PID_MAX_LIMIT. */
const PROCESS_IDS = 2 ** 22;

/**
 * Times, sizes and identities of the records that were read at once, in the order of their file. Plain numbers, so that
 * a thread can hand it to another one, and that records wait for their turn at little cost.
 */
export class RecordIndex {
  readonly count: number;

  /** @param values of `IndexBuilder.take` */
  constructor(private readonly values: Float64Array) {
    this.count = values.length / WIDTH;
  }

  /** Milliseconds since 1970. */
  time(at: number): number {
    return this.values[at * WIDTH] as number;
  }

  /** A hash of the line's bytes. */
  content(at: number): number {
    return this.values[at * WIDTH + 1] as number;
  }

  /** The process and the number of the line in its session: with the time, no two lines of a server have the same. */
  identity(at: number): number {
    return this.values[at * WIDTH + 2] as number;
  }

  hasIdentity(at: number): boolean {
    return this.identity(at) !== NO_IDENTITY;
  }

  /** Length of lines in bytes; `to` is exclusive. */
  size(from: number, to: number): number {
    let bytes = 0;
    for (let at = from; at < to; at += 1) bytes += this.values[at * WIDTH + 3] as number;
    return bytes;
  }
}

/** Makes the index of records that are read one after the other. */
export class IndexBuilder {
  private values = new Float64Array(1024 * WIDTH);
  private length = 0;
  private readonly hash = new LineHash();
  private readonly clock = new Milliseconds();
  private file = "";
  private offset = -1;
  /** Number of the record in its line: an envelope contains several. */
  private place = 0;

  add(record: LogRecord, line: Buffer): void {
    if (this.length === this.values.length) this.grow();
    const { values, length } = this;
    const isSameLine = record.file_offset === this.offset && record.file === this.file;
    this.place = isSameLine ? this.place + 1 : 0;
    this.file = record.file;
    this.offset = record.file_offset;
    values[length] = this.clock.of(record.time);
    values[length + 1] = this.hash.of(line, this.place);
    values[length + 2] = identityOf(record);
    values[length + 3] = line.length;
    this.length = length + WIDTH;
  }

  /** Returns the index's numbers, and begins a new one. */
  take(): Float64Array<ArrayBuffer> {
    const taken = this.values.slice(0, this.length);
    this.length = 0;
    this.offset = -1;
    return taken;
  }

  private grow(): void {
    const grown = new Float64Array(this.values.length * 2);
    grown.set(this.values);
    this.values = grown;
  }
}

function identityOf({ ambiguous, session_id, process_id, session_line_num }: LogRecord): number {
  if (session_line_num === null || ambiguous !== null) return NO_IDENTITY;
  const process = process_id ?? processOf(session_id);
  return process === null ? NO_IDENTITY : session_line_num * PROCESS_IDS + process;
}

/** `6564a1b2.1f4c`: the session's start and its process id. Source: PostgreSQL 15, log_line_prefix, %c. */
function processOf(sessionId: string | null): number | null {
  const [, process] = /^[0-9a-f]+\.([0-9a-f]+)$/.exec(sessionId ?? "") ?? [];
  return process === undefined ? null : parseInt(process, 16);
}

const SECOND_LENGTH = "2026-11-22T17:51:17".length;
const TIME_LENGTH = "2026-11-22T17:51:17.034Z".length;
const DIGIT_0 = 0x30;

/** Converts the records' times, of which many are in the same second. */
export class Milliseconds {
  private second = "?";
  private milliseconds = 0;

  of(time: string): number {
    if (time.length !== TIME_LENGTH) return Date.parse(time);
    if (!time.startsWith(this.second)) {
      this.second = time.slice(0, SECOND_LENGTH);
      this.milliseconds = Date.parse(`${this.second}Z`);
    }
    const digit = (at: number) => time.charCodeAt(SECOND_LENGTH + at) - DIGIT_0;
    return this.milliseconds + digit(1) * 100 + digit(2) * 10 + digit(3);
  }
}
