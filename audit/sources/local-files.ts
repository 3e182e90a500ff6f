import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { UserError } from "../../common/user-error";
import type { TimeRange } from "../select/time-range";
import { compareHourBlobs, folderMayContain, type HourBlob, parseHourBlob } from "./hours";
import type { Chunk, LogFile } from "./source";

export interface LocalFile extends LogFile {
  readonly path: string;
}

export const LINE_FEED = 0x0a;

/** Names of files in a folder that may contain a trail: blobs, PostgreSQL's jsonlog and csvlog, also compressed. */
const TRAIL_FILE = /\.(?:json|jsonl|ndjson|csv|log)(?:\.gz)?$/i;
const COMPRESSED = /\.gz$/i;
const READ_BYTES = 1024 ** 2;

export const isCompressed = ({ path: file }: LocalFile): boolean => COMPRESSED.test(file);

/**
 * Finds the given files and all files below the given folders: of a folder first the files outside Azure's layout in
 * the order of their names, then the blobs hour by hour. Folders of hours outside the range aren't opened.
 * @throws UserError if a path doesn't exist or may not be read
 */
export async function findFiles(
  paths: readonly string[],
  range: TimeRange,
  signal?: AbortSignal,
): Promise<LocalFile[]> {
  const files: LocalFile[] = [];
  for (const given of paths) {
    const stats = await fs.promises.stat(given).catch((error: unknown) => {
      throw explained(error, given);
    });
    if (stats.isDirectory()) files.push(...inOrder(await filesBelow(given, range, signal)));
    else files.push({ name: given, path: given });
  }
  return files;
}

async function filesBelow(
  folder: string,
  range: TimeRange,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  signal?.throwIfAborted();
  const entries = await fs.promises.readdir(folder, { withFileTypes: true }).catch((error) => {
    if (errorCode(error) === "ENOENT") return [];
    throw explained(error, folder);
  });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const below = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (folderMayContain(below, range)) files.push(...(await filesBelow(below, range, signal)));
    } else if (TRAIL_FILE.test(entry.name)) {
      files.push(below);
    }
  }
  return files;
}

function inOrder(paths: readonly string[]): LocalFile[] {
  const others: LocalFile[] = [];
  const hours: (HourBlob & LocalFile)[] = [];
  for (const file of paths) {
    const blob = parseHourBlob(file);
    if (blob) hours.push({ ...blob, name: file, path: file });
    else others.push({ name: file, path: file });
  }
  hours.sort(compareHourBlobs);
  return [...others, ...hours.map(({ name, path }) => ({ name, path }))];
}

export interface ReadOptions {
  /** @default 0; a compressed file is always read whole */
  readonly fromByte?: number;
  /** Exclusive. @default the end of the file */
  readonly toByte?: number;
  /** Memory to read into, for a caller that reads many ranges. @default new memory */
  readonly buffers?: ReadBuffers;
  readonly signal?: AbortSignal;
}

/** The next part of a file is read into one buffer while the caller works on the other. */
export type ReadBuffers = readonly [Buffer, Buffer];
export const readBuffers = (): ReadBuffers => [
  Buffer.allocUnsafe(READ_BYTES),
  Buffer.allocUnsafe(READ_BYTES),
];

/**
 * Reads a file, decompressed if it is a .gz.
 * @throws UserError if it may not be read, or its compression is damaged
 */
export async function* readLocalFile(
  { name, path: file }: LocalFile,
  { fromByte = 0, toByte = Infinity, buffers = readBuffers(), signal }: ReadOptions = {},
): AsyncIterable<Chunk> {
  if (COMPRESSED.test(file)) {
    yield* readCompressed({ name, path: file }, signal);
    return;
  }
  const handle = await fs.promises.open(file);
  const read = (buffer: Buffer, position: number) =>
    readAt(handle, position, buffer.subarray(0, Math.max(0, toByte - position)));
  let [current, other] = buffers;
  let reading = read(current, fromByte);
  try {
    for (let offset = fromByte; !signal?.aborted;) {
      const bytes = await reading;
      if (bytes.length === 0) return;
      reading = read(other, offset + bytes.length);
      yield { file: { name, path: file }, offset, bytes };
      offset += bytes.length;
      [current, other] = [other, current];
    }
  } finally {
    await reading.catch(() => undefined);
    await handle.close();
  }
}

/** Reads into the buffer; at the end of the file less than it could contain. */
export async function readAt(
  file: fs.promises.FileHandle,
  position: number,
  buffer: Buffer,
): Promise<Buffer> {
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

async function* readCompressed(
  file: LocalFile,
  signal: AbortSignal | undefined,
): AsyncIterable<Chunk> {
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  // An error of either stream is thrown by the loop below.
  pipeline(fs.createReadStream(file.path), gunzip, () => undefined);
  let offset = 0;
  try {
    for await (const bytes of gunzip as AsyncIterable<Buffer>) {
      yield { file: { name: file.name }, offset, bytes };
      offset += bytes.length;
      if (signal?.aborted) return;
    }
  } catch (error) {
    throw explained(error, file.path);
  }
}

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

function explained(error: unknown, file: string): unknown {
  const code = errorCode(error) ?? "";
  if (code === "ENOENT") {
    return new UserError(
      `${file}: there is no such file or folder. Give files of the trail, or a folder with such files: the mounted container or a download of it.`,
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return new UserError(
      `${file}: you may not read it. Run as a user who may read it, or copy it.`,
    );
  }
  if (code.startsWith("Z_")) {
    return new UserError(
      `${file}: its compression is damaged or cut off (${code}). Download it again, or give the uncompressed file.`,
    );
  }
  return error;
}
