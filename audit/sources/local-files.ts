import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { UserError } from "../../common/user-error";
import { type Chunk, type LogFile, type TimeRange } from "./source";
import { compareHourBlobs, folderMayHold, type HourBlob, parseHourBlob } from "./hours";

export interface LocalFile extends LogFile {
  readonly path: string;
}

/** Files of a folder that may hold a trail: blobs, PostgreSQL's jsonlog and csvlog, all also compressed. */
const TRAIL_FILE = /\.(?:json|jsonl|ndjson|csv|log)(?:\.gz)?$/i;
const COMPRESSED = /\.gz$/i;
const READ_BYTES = 1024 ** 2;

export const isCompressed = ({ path: file }: LocalFile): boolean => COMPRESSED.test(file);

/**
 * The files given by name, and those in the folders given and below: hours in their order, before them what isn't in
 * Azure's layout, in the order of the names. Folders of hours outside the range aren't opened.
 * @throws UserError if one isn't there or may not be read
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
    if (codeOf(error) === "ENOENT") return [];
    throw explained(error, folder);
  });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const below = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (folderMayHold(below, range)) files.push(...(await filesBelow(below, range, signal)));
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

/**
 * A file's bytes from an offset to its end; of a compressed one, what they stand for.
 * @throws UserError if it may not be read, or its compression is damaged
 */
export async function* readFileFrom(
  { name, path: file }: LocalFile,
  fileOffset: number,
  signal: AbortSignal,
): AsyncIterable<Chunk> {
  if (COMPRESSED.test(file)) {
    yield* readCompressed({ name, path: file }, signal);
    return;
  }
  const handle = await fs.promises.open(file);
  const read = (buffer: Buffer, position: number) =>
    handle.read(buffer, 0, buffer.length, position);
  // One is read into while the other is worked on.
  let [current, other] = [Buffer.allocUnsafe(READ_BYTES), Buffer.allocUnsafe(READ_BYTES)];
  let reading = read(current, fileOffset);
  try {
    for (let offset = fileOffset; !signal.aborted;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = read(other, offset + bytesRead);
      yield { file: { name, path: file }, offset, bytes: current.subarray(0, bytesRead) };
      offset += bytesRead;
      [current, other] = [other, current];
    }
  } finally {
    await reading.catch(() => undefined);
    await handle.close();
  }
}

async function* readCompressed(file: LocalFile, signal: AbortSignal): AsyncIterable<Chunk> {
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  // A failure of either comes out of the loop below.
  pipeline(fs.createReadStream(file.path), gunzip, () => undefined);
  let offset = 0;
  try {
    for await (const bytes of gunzip as AsyncIterable<Buffer>) {
      yield { file: { name: file.name }, offset, bytes };
      offset += bytes.length;
      if (signal.aborted) return;
    }
  } catch (error) {
    throw explained(error, file.path);
  }
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

function explained(error: unknown, file: string): unknown {
  const code = codeOf(error) ?? "";
  if (code === "ENOENT") {
    return new UserError(
      `${file}: there is no such file or folder. Give files of the trail, or a folder that holds them: the mounted container or a download of it.`,
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return new UserError(`${file}: you may not read it. Run as a user who may, or copy it.`);
  }
  if (code.startsWith("Z_")) {
    return new UserError(
      `${file}: its compression is damaged or cut off (${code}); what comes after can't be read. Get it again, or give it uncompressed.`,
    );
  }
  return error;
}
