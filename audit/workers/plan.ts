import * as fs from "node:fs/promises";
import * as os from "node:os";
import { logFormat } from "../lines/log-format";
import { LINE_FEED, readAt } from "../sources/local-files";
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
}

export interface Plan {
  readonly tasks: readonly Task[];
  readonly threads: number;
}

/** Divides files into tasks for threads; undefined if one thread is to read them all. */
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
  const tasks = [...tasksOf(ranges, taskBytes)];
  const bytes = ranges.reduce((sum, range) => sum + sizeOf(range), 0);
  const wanted =
    threads ??
    (bytes < MIN_BYTES_FOR_THREADS ? 1 : Math.min(MAX_THREADS, os.availableParallelism()));
  const useful = Math.min(wanted, tasks.length);
  return useful < 2 ? undefined : { tasks, threads: useful };
}

const sizeOf = ({ fromByte, toByte }: FileRange): number => toByte - fromByte;

/** Ranges of about the same size that end with a line; undefined for csvlog, whose rows may contain line ends. */
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

/** The start of the first line after the byte; the end of the file if there is none. */
async function lineStartFrom(file: fs.FileHandle, byte: number, probe: Buffer): Promise<number> {
  for (let at = byte; ; at += probe.length) {
    const bytes = await readAt(file, at, probe);
    if (bytes.length === 0) return (await file.stat()).size;
    const end = bytes.indexOf(LINE_FEED);
    if (end >= 0) return at + end + 1;
  }
}

/** Joins small ranges, so that many small files become few tasks. */
function* tasksOf(ranges: readonly FileRange[], taskBytes: number): Iterable<Task> {
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
