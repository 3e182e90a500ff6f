import type { Notify } from "../../common/notify";
import { UserError } from "../../common/user-error";
import { LineSplitter } from "../lines/line-splitter";
import type { TimeRange } from "../select/time-range";
import type { Chunk, Source, SourceFile } from "../sources/source";
import { type UnreadableFiles, untilUnreadable } from "../sources/unreadable";
import { hashOf, type Position, type Positions } from "./positions";

/** A file is recognised by so many bytes before its position: some lines, because only their times may differ. */
const CHECKED_BYTES = 4096;
/** Longer than any line that can be read: an incomplete one is kept in memory. */
const INCOMPLETE_BYTES = 64 * 1024 ** 2;
/** How long after an hour its blobs are read again for late records. Usually minutes are enough. */
const LATE_MILLISECONDS = 24 * 3_600_000;

/** The lines of a source that were appended since an earlier run; a last line that isn't complete is left to the next run. */
export class ResumingSource implements Source {
  readonly description: string;
  private readonly readAt: Date;
  private readonly current = new Map<string, Position>();

  /**
   * @param earlier what the earlier run left; undefined for the first run
   * @param first the beginning of the first run's range
   * @throws UserError if the source can't be resumed, or the earlier run read another one
   */
  constructor(
    private readonly source: Source,
    private readonly earlier: Positions | undefined,
    private readonly first: Pick<TimeRange, "since">,
    private readonly notify: Notify,
    now = new Date(),
  ) {
    this.description = source.description;
    this.readAt = now;
    if (!source.files) {
      throw new UserError(
        `${source.description} can't be read from a position; leave out --since-last.`,
      );
    }
    if (earlier && earlier.trail !== source.description) {
      throw new UserError(
        `The file of --since-last belongs to another trail, ${earlier.trail}, not ${source.description}. ` +
          "Give each trail a file of its own.",
      );
    }
  }

  /** Of the records to show: later runs have no other beginning than the first one. */
  get range(): TimeRange {
    return { since: this.earlier ? this.earlier.since : this.first.since };
  }

  get unreadable(): UnreadableFiles | undefined {
    return this.source.unreadable;
  }

  /** What is to be kept for the next run after the output was written. */
  get positions(): Positions {
    const { earlier, source, readAt, current } = this;
    const before = source.isPastFinal ? [] : (earlier?.files ?? []);
    return {
      trail: this.description,
      since: this.range.since,
      readAt,
      files: new Map([...before, ...current]),
    };
  }

  async *read(range: TimeRange, signal: AbortSignal): AsyncIterable<Chunk> {
    for (const file of await this.files(range, signal)) {
      yield* this.unreadable ? untilUnreadable(file.read(), this.unreadable) : file.read();
    }
  }

  async files(range: TimeRange, signal: AbortSignal): Promise<readonly SourceFile[]> {
    const { earlier, source } = this;
    const { since = new Date(0) } = range;
    const unread = new Date((earlier?.readAt.getTime() ?? 0) - LATE_MILLISECONDS);
    const pruned = source.isPastFinal && unread > since ? { ...range, since: unread } : range;
    const files = (await source.files?.(pruned, signal)) ?? [];
    return files.map((file) => {
      const position = earlier?.files.get(file.name);
      if (position) this.current.set(file.name, position);
      // Without its path, so that no thread reads it from its start.
      return { name: file.name, read: () => this.newLines(file, position) };
    });
  }

  private async *newLines(file: SourceFile, position: Position | undefined): AsyncIterable<Chunk> {
    const { name } = file;
    const lines = new LineSplitter(file, NOTHING);
    let incomplete = Buffer.alloc(0);
    for await (const chunk of this.newBytes(file, position)) {
      lines.push(chunk);
      const bytes =
        incomplete.length === 0 ? chunk.bytes : Buffer.concat([incomplete, chunk.bytes]);
      const offset = chunk.offset + chunk.bytes.length - bytes.length;
      const complete = Math.max(0, lines.completeTo - offset);
      const passed = complete === 0 && bytes.length > INCOMPLETE_BYTES ? bytes.length : complete;
      incomplete = Buffer.from(bytes.subarray(passed));
      if (passed === 0) continue;
      const whole = bytes.subarray(0, passed);
      const end = complete > 0 ? positionAfter(whole, offset) : undefined;
      yield { file: { name }, offset, bytes: whole };
      if (end) this.current.set(name, end);
    }
    if (incomplete.length > 0) {
      this.notify(`the last line of ${name} isn't complete yet; the next run reads it`);
    }
  }

  private async *newBytes(file: SourceFile, position: Position | undefined): AsyncIterable<Chunk> {
    if (position) {
      const start = position.offset - position.checked;
      if (yield* bytesAfter(position, file.read(start))) return;
      // A compressed file can only be read from its start.
      if (start > 0 && (yield* bytesAfter(position, file.read(0)))) return;
      this.current.delete(file.name);
      this.notify(`${file.name} isn't the file that was read before; reading it from its start`);
    }
    yield* file.read(0);
  }
}

const NOTHING = { block: () => undefined, row: () => undefined, broken: () => undefined };

/** @param bytes whole lines, valid now */
function positionAfter(bytes: Buffer, offset: number): Position {
  const checked = Math.min(bytes.length, CHECKED_BYTES);
  const sha256 = hashOf(bytes.subarray(bytes.length - checked));
  return { offset: offset + bytes.length, checked, sha256 };
}

/**
 * Passes on the bytes after a position.
 * @returns false, before any byte, if those before the position are others than they were
 */
async function* bytesAfter(
  { offset, checked, sha256 }: Position,
  chunks: AsyncIterable<Chunk>,
): AsyncGenerator<Chunk, boolean> {
  const before = Buffer.alloc(checked);
  let filled = 0;
  for await (const { file, offset: at, bytes } of chunks) {
    if (filled < checked) {
      const from = Math.max(0, offset - checked + filled - at);
      filled += bytes.subarray(from, Math.max(from, offset - at)).copy(before, filled);
      if (filled === checked && hashOf(before) !== sha256) return false;
    }
    const skipped = Math.max(0, offset - at);
    if (skipped < bytes.length)
      yield { file, offset: at + skipped, bytes: bytes.subarray(skipped) };
  }
  return filled === checked;
}
