import { constants, open } from "node:fs";
import * as fs from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { compressionOf, expanded } from "./compression";
import type { Chunk, LogFile } from "./source";
import { unreadable } from "./unreadable";

export interface LocalFile extends LogFile {
  readonly path: string;
}

export const LINE_FEED = 0x0a;
const READ_BYTES = 1024 ** 2;

export interface ReadOptions {
  /** @default 0 */
  readonly fromByte?: number;
  /** Exclusive. @default the end of the file */
  readonly toByte?: number;
  /** Memory to read into, for a caller that reads many ranges. @default new memory */
  readonly buffers?: ReadBuffers;
  readonly signal?: AbortSignal;
}

/** The next part of a file is read into one buffer while the caller works on the other. */
export type ReadBuffers = readonly [Buffer, Buffer];
export const readBuffers = (bytes = READ_BYTES): ReadBuffers => [
  Buffer.allocUnsafe(bytes),
  Buffer.allocUnsafe(bytes),
];

/**
 * Reads a file, a pipe or a device; decompressed if it is compressed and read from its start.
 * @throws UnreadableFile
 */
export async function* readLocalFile(
  { name, path }: LocalFile,
  options: ReadOptions = {},
): AsyncIterable<Chunk> {
  let offset = options.fromByte ?? 0;
  const isPipe = (await fs.stat(path).catch(() => undefined))?.isFIFO();
  const stored = isPipe ? pipeBytes(path, options.signal) : storedBytes(path, options);
  const file = { name, path };
  try {
    for await (const bytes of offset === 0 ? expanded(stored) : stored) {
      yield { file, offset, bytes };
      offset += bytes.length;
    }
  } catch (error) {
    throw unreadable(error, name);
  }
}

async function* storedBytes(
  path: string,
  { fromByte = 0, toByte = Infinity, buffers = readBuffers(), signal }: ReadOptions,
): AsyncIterable<Buffer> {
  const handle = await fs.open(path);
  let [current, other] = buffers;
  let reading: Promise<Buffer> | undefined;
  try {
    const isFile = (await handle.stat()).isFile();
    const read = async (buffer: Buffer, position: number) => {
      const wanted = buffer.subarray(0, Math.max(0, toByte - position));
      // A device has no positions.
      const { bytesRead } = await handle.read(wanted, 0, wanted.length, isFile ? position : null);
      return wanted.subarray(0, bytesRead);
    };
    reading = read(current, fromByte);
    for (let offset = fromByte; !signal?.aborted;) {
      const bytes = await reading;
      if (bytes.length === 0) return;
      offset += bytes.length;
      reading = read(other, offset);
      // Its error is thrown when these bytes were used.
      reading.catch(() => undefined);
      yield bytes;
      [current, other] = [other, current];
    }
  } finally {
    await reading?.catch(() => undefined);
    await handle.close();
  }
}

/** As a stream that waits by itself, because a call that waits for a pipe, or for its writer, can't be ended. */
async function* pipeBytes(path: string, signal?: AbortSignal): AsyncIterable<Buffer> {
  const fd = await promisify(open)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  yield* streamBytes(new Socket({ fd, readable: true, writable: false }), signal);
}

/** The bytes of a stream until its end or the signal. */
export async function* streamBytes(
  stream: Readable,
  signal: AbortSignal | undefined,
): AsyncIterable<Buffer> {
  const stop = () => stream.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** The first bytes of a file, decompressed, at most so many. */
export async function firstBytes(file: LocalFile, count: number): Promise<Buffer> {
  for await (const { bytes } of readLocalFile(file, { buffers: readBuffers(count) })) {
    return Buffer.from(bytes.subarray(0, count));
  }
  return Buffer.alloc(0);
}

/** Whether several threads can read parts of it: a file that isn't compressed. */
export async function hasRanges({ path }: LocalFile): Promise<boolean> {
  try {
    if (!(await fs.stat(path)).isFile()) return false;
    return compressionOf(await readRange(path, 0, 4)) === undefined;
  } catch {
    return false;
  }
}

/** A part of a file; at the end of the file less than was asked for. */
export async function readRange(path: string, fromByte: number, toByte: number): Promise<Buffer> {
  const handle = await fs.open(path);
  try {
    return await readAt(handle, fromByte, Buffer.alloc(toByte - fromByte));
  } finally {
    await handle.close();
  }
}

/** Reads into the buffer; at the end of the file less than it could contain. */
export async function readAt(
  file: fs.FileHandle,
  position: number,
  buffer: Buffer,
): Promise<Buffer> {
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}
