import * as fs from "node:fs/promises";
import * as os from "node:os";
import { logFormat } from "../decode/decoder";
import { type LogFile } from "../sources/source";
import { type FileRange, type Task } from "./task";

/** What one task reads: small, so that what waits for its turn to be given out stays small. */
const TASK_BYTES = 4 * 1024 ** 2;
/** Below, one thread is done before another has started. */
const WORTH_THREADS_BYTES = 64 * 1024 ** 2;
const MOST_THREADS = 4;
const LINE_FEED = 0x0a;
const PROBE_BYTES = 64 * 1024;

export interface PlanOptions {
  /** @default one; for large files one a core, at most 4 */
  readonly threads?: number;
  /** @default 4 MiB */
  readonly taskBytes?: number;
}

export interface Plan {
  readonly tasks: readonly Task[];
  readonly threads: number;
}

/** Divides files among threads; undefined where one thread is to read them all. */
export async function planTasks(
  files: readonly LogFile[],
  { threads, taskBytes = TASK_BYTES }: PlanOptions = {},
): Promise<Plan | undefined> {
  if (threads === 1) return undefined;
  const ranges: FileRange[] = [];
  const probe = Buffer.alloc(PROBE_BYTES);
  for (const { name, path } of files) {
    if (path === undefined) return undefined;
    const rangesOfFile = await rangesOf(name, path, taskBytes, probe);
    if (!rangesOfFile) return undefined;
    ranges.push(...rangesOfFile);
  }
  const tasks = [...bundles(ranges, taskBytes)];
  const bytes = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
  const wanted =
    threads ??
    (bytes < WORTH_THREADS_BYTES ? 1 : Math.min(MOST_THREADS, os.availableParallelism()));
  const useful = Math.min(wanted, tasks.length);
  return useful < 2 ? undefined : { tasks, threads: useful };
}

const sizeOf = ({ fromByte, toByte }: FileRange): number => toByte - fromByte;

/** Ranges of about the same size that end with a line; undefined if lines don't say where records end (csvlog). */
async function rangesOf(
  name: string,
  path: string,
  taskBytes: number,
  probe: Buffer,
): Promise<FileRange[] | undefined> {
  const file = await fs.open(path);
  try {
    const { size } = await file.stat();
    const start = await readAt(file, 0, probe);
    if (logFormat(start) !== "json") return undefined;
    const ranges: FileRange[] = [];
    for (let fromByte = 0; fromByte < size;) {
      const toByte = await lineStartFrom(file, fromByte + taskBytes, probe);
      ranges.push({ name, path, fromByte, toByte });
      fromByte = toByte;
    }
    return ranges;
  } finally {
    await file.close();
  }
}

/** Where the first line begins that ends at the byte or after it; the end of the file if none does. */
async function lineStartFrom(file: fs.FileHandle, byte: number, probe: Buffer): Promise<number> {
  for (let at = byte; ; at += probe.length) {
    const bytes = await readAt(file, at, probe);
    if (bytes.length === 0) return (await file.stat()).size;
    const end = bytes.indexOf(LINE_FEED);
    if (end >= 0) return at + end + 1;
  }
}

/** The bytes are valid until the next call with the buffer. */
async function readAt(file: fs.FileHandle, position: number, probe: Buffer): Promise<Buffer> {
  const { bytesRead } = await file.read(probe, 0, probe.length, position);
  return probe.subarray(0, bytesRead);
}

/** Puts small ranges together, so that many small files make few tasks. */
function* bundles(ranges: readonly FileRange[], taskBytes: number): Iterable<Task> {
  let bundle: FileRange[] = [];
  let bytes = 0;
  for (const range of ranges) {
    if (bundle.length > 0 && bytes + sizeOf(range) > taskBytes) {
      yield { ranges: bundle };
      bundle = [];
      bytes = 0;
    }
    bundle.push(range);
    bytes += sizeOf(range);
  }
  if (bundle.length > 0) yield { ranges: bundle };
}
