import * as fs from "node:fs/promises";
import * as os from "node:os";
import { Decoder, type DecoderOptions } from "../decode/decoder";
import { logFormat } from "../lines/log-format";
import { Milliseconds } from "../order/record-index";
import type { TrailStream } from "../order/trail-stream";
import { hasRanges, LINE_FEED, readAt } from "../sources/local-files";
import type { LogFile } from "../sources/source";
import type { FileRange, Task } from "./task-runner";

/** Size of a task: small, because results wait in memory until it is their turn to be written. */
const TASK_BYTES = 4 * 1024 ** 2;
/** For less, starting threads takes longer than reading. */
const MIN_BYTES_FOR_THREADS = 64 * 1024 ** 2;
const MAX_THREADS = 4;
const PROBE_BYTES = 64 * 1024;

export interface PlanOptions {
  /** @default one; for large files one per core, at most 4 */
  readonly threads?: number;
  /** @default 4 MiB */
  readonly taskBytes?: number;
  readonly decoder?: DecoderOptions;
}

export interface TaskStream {
  /** As of `TrailStream`. */
  readonly earliest: number;
  readonly tasks: readonly PlannedTask[];
}

export interface PlannedTask extends Task {
  /** About when its result is needed: the time of its first record, in milliseconds since 1970. */
  readonly from: number;
}

export interface Plan {
  readonly streams: readonly TaskStream[];
  readonly threads: number;
}

/** Divides the files of streams into tasks for threads; undefined if one thread is to read them all. */
export async function planTasks(
  streams: readonly TrailStream[],
  { threads, taskBytes = TASK_BYTES, decoder }: PlanOptions = {},
): Promise<Plan | undefined> {
  if (threads === 1) return undefined;
  const planner = new Planner(taskBytes, new Decoder(decoder));
  const planned: TaskStream[] = [];
  for (const { earliest, files } of streams) {
    const tasks = files && (await planner.tasksOf(files, earliest));
    if (!tasks) return undefined;
    planned.push({ earliest, tasks });
  }
  const tasks = planned.reduce((sum, stream) => sum + stream.tasks.length, 0);
  const wanted =
    threads ??
    (planner.bytes < MIN_BYTES_FOR_THREADS ? 1 : Math.min(MAX_THREADS, os.availableParallelism()));
  const useful = Math.min(wanted, tasks);
  return useful < 2 ? undefined : { streams: planned, threads: useful };
}

/** A range and the time of its first record; NaN if that can't be decoded. */
interface TimedRange extends FileRange {
  readonly from: number;
}

const sizeOf = ({ fromByte, toByte }: FileRange): number => toByte - fromByte;

class Planner {
  /** Of all ranges. */
  bytes = 0;
  private readonly probe = Buffer.alloc(PROBE_BYTES);
  private readonly clock = new Milliseconds();

  constructor(
    private readonly taskBytes: number,
    private readonly decoder: Decoder,
  ) {}

  /** Undefined if threads can't read ranges of each of the files. */
  async tasksOf(files: readonly LogFile[], earliest: number): Promise<PlannedTask[] | undefined> {
    const ranges: TimedRange[] = [];
    for (const { name, path } of files) {
      if (path === undefined || !(await hasRanges({ name, path }))) return undefined;
      const rangesOfFile = await this.rangesOf(name, path);
      if (!rangesOfFile) return undefined;
      ranges.push(...rangesOfFile);
    }
    this.bytes += ranges.reduce((sum, range) => sum + sizeOf(range), 0);
    return [...bundles(ranges, this.taskBytes, earliest)];
  }

  /** Ranges of about the same size that end with a line; undefined for csvlog, whose rows may contain line ends. */
  private async rangesOf(name: string, path: string): Promise<TimedRange[] | undefined> {
    const file = await fs.open(path);
    try {
      const { size } = await file.stat();
      if (logFormat(await readAt(file, 0, this.probe)) !== "json") return undefined;
      const ranges: TimedRange[] = [];
      for (let fromByte = 0; fromByte < size;) {
        const from = await this.timeAt(file, fromByte);
        const toByte = await this.lineStartFrom(file, fromByte + this.taskBytes);
        ranges.push({ name, path, fromByte, toByte, from });
        fromByte = toByte;
      }
      return ranges;
    } finally {
      await file.close();
    }
  }

  /** The time of the line at the byte; NaN if it has none, or is very long. */
  private async timeAt(file: fs.FileHandle, byte: number): Promise<number> {
    const bytes = await readAt(file, byte, this.probe);
    const end = bytes.indexOf(LINE_FEED);
    const [decoded] = end < 0 ? [] : this.decoder.decode(bytes.subarray(0, end), "", byte);
    return decoded?.record ? this.clock.of(decoded.record.time) : NaN;
  }

  /** The start of the first line after the byte; the end of the file if there is none. */
  private async lineStartFrom(file: fs.FileHandle, byte: number): Promise<number> {
    const { probe } = this;
    for (let at = byte; ; at += probe.length) {
      const bytes = await readAt(file, at, probe);
      if (bytes.length === 0) return (await file.stat()).size;
      const end = bytes.indexOf(LINE_FEED);
      if (end >= 0) return at + end + 1;
    }
  }
}

/** Joins small ranges, so that many small files become few tasks. */
function* bundles(
  ranges: readonly TimedRange[],
  taskBytes: number,
  earliest: number,
): Iterable<PlannedTask> {
  let bundle: FileRange[] = [];
  let bytes = 0;
  /** Tasks of a stream are needed in their order. */
  let from = earliest;
  for (const range of ranges) {
    if (bundle.length > 0 && bytes + sizeOf(range) > taskBytes) {
      yield { ranges: bundle, from };
      bundle = [];
      bytes = 0;
    }
    if (bundle.length === 0 && range.from > from) from = range.from;
    bundle.push(range);
    bytes += sizeOf(range);
  }
  if (bundle.length > 0) yield { ranges: bundle, from };
}
