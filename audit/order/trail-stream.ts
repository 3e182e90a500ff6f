import { Decoder, type DecoderOptions } from "../decode/decoder";
import { forEachLine, LineSplitter } from "../lines/line-splitter";
import type { TimeRange } from "../select/time-range";
import { compareHourBlobs, earliestOf, parseHourBlob } from "../sources/hours";
import type { Chunk, Source, SourceFile } from "../sources/source";
import { FileReader } from "../sources/file-reader";
import { Milliseconds } from "./record-index";

export interface Trail {
  /** In the order of their first files. */
  readonly streams: readonly TrailStream[];
  /** Whether a stream may wait for its writer, as a pipe does. */
  readonly isLive: boolean;
  /** Called after the reading. @throws UserError if all files proved unreadable */
  readonly checkRead: () => void;
}

/** Files of which each continues the previous one, so that their records are about in order. */
export interface TrailStream {
  /** No record before it is expected, in milliseconds since 1970. */
  readonly earliest: number;
  /** Undefined for a source that can be read only once. */
  readonly files?: readonly SourceFile[];
  read(): AsyncIterable<Chunk>;
}

export interface TrailSelection {
  readonly range: TimeRange;
  readonly decoder: DecoderOptions;
}

/**
 * The streams of a trail, in the order of their first files: in Azure's layout one for each server, and one for each
 * other file, such as the csvlogs that a server rotates.
 */
export async function streamsOf(
  source: Source,
  { range, decoder }: TrailSelection,
  signal: AbortSignal,
): Promise<Trail> {
  const files = await source.files?.(range, signal);
  if (!files) {
    const stream = { earliest: -Infinity, read: () => source.read(range, signal) };
    return { streams: [stream], isLive: true, checkRead: () => undefined };
  }
  const reader = new FileReader(source.unreadable);
  const groups = groupsOf(files);
  const streams: TrailStream[] = [];
  for (const group of groups) {
    // Nothing is to be merged with a single stream.
    const earliest = groups.length > 1 ? await earliestIn(group[0], decoder) : -Infinity;
    streams.push({ earliest, files: group, read: () => reader.read(group) });
  }
  return { streams, isLive: false, checkRead: () => reader.check() };
}

function groupsOf(files: readonly SourceFile[]): readonly SourceFile[][] {
  const groups = new Map<string | SourceFile, SourceFile[]>();
  for (const file of files) {
    const key = parseHourBlob(file.name)?.resource ?? file;
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  for (const group of groups.values()) group.sort(compareFiles);
  return [...groups.values()];
}

/** The hours of a server may have been given in any order. */
function compareFiles(a: SourceFile, b: SourceFile): number {
  const [first, second] = [parseHourBlob(a.name), parseHourBlob(b.name)];
  return first && second ? compareHourBlobs(first, second) : 0;
}

async function earliestIn(file: SourceFile | undefined, decoder: DecoderOptions): Promise<number> {
  if (!file) return -Infinity;
  const blob = parseHourBlob(file.name);
  return blob ? earliestOf(blob) : await firstTime(file, decoder);
}

/**
 * The time of a file's first record, so that hundreds of rotated files needn't be open at once. Without one in the first
 * chunk the file is opened at once; whatever is wrong with it is said when it is read.
 */
async function firstTime(file: SourceFile, options: DecoderOptions): Promise<number> {
  const decoder = new Decoder(options);
  let time: number | undefined;
  const decode = (line: Buffer) => {
    if (time !== undefined) return;
    const record = decoder.decode(line, file.name, 0).find((decoded) => decoded.record)?.record;
    if (record) time = new Milliseconds().of(record.time);
  };
  const splitter = new LineSplitter(file, {
    block: (bytes) => forEachLine(bytes, 0, decode),
    row: decode,
    broken: () => undefined,
  });
  try {
    for await (const chunk of file.read()) {
      splitter.push(chunk);
      break;
    }
    splitter.finish();
  } catch {
    return -Infinity;
  }
  return time ?? -Infinity;
}
