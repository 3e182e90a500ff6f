import { finished } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";

export type Compression = "gzip" | "zstd";

/** The first bytes of a compressed file. Sources: RFC 1952, 2.3.1; RFC 8878, 3.1.1. */
const MAGIC: Readonly<Record<Compression, Buffer>> = {
  gzip: Buffer.from([0x1f, 0x8b]),
  zstd: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
};
const MAGIC_BYTES = 4;

/**
 * So much is decompressed at once. Small: what a piece of gzip contains before damage is lost, and all that a piece of zstd
 * contains is in memory, up to 128 KiB of it in 4 bytes.
 */
const PIECE_BYTES: Readonly<Record<Compression, number>> = { gzip: 16 * 1024, zstd: 2048 };
const OUTPUT_BYTES = 256 * 1024;

/** Undefined if the file isn't compressed. */
export function compressionOf(start: Buffer): Compression | undefined {
  const starts = (magic: Buffer) => start.subarray(0, magic.length).equals(magic);
  return (["gzip", "zstd"] as const).find((compression) => starts(MAGIC[compression]));
}

/**
 * The bytes of a file, decompressed if they begin as gzip or zstd; several compressed parts may follow each other.
 * Everything before damage is given out. The checksum of zstd isn't verified.
 * @param bytes each is valid until the next is requested
 * @throws an error with the code Z_BUF_ERROR if the compression is cut off, Z_DATA_ERROR if it is damaged
 */
export async function* expanded(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const pieces = bytes[Symbol.asyncIterator]();
  try {
    const start = await firstPiece(pieces);
    const compression = compressionOf(start);
    if (compression) yield* decompressed(compression, start, pieces);
    else if (start.length > 0) yield start;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  } finally {
    await pieces.return?.();
  }
}

/** At least the bytes that tell the compression, if there are so many: a pipe may bring them one by one. */
async function firstPiece(pieces: AsyncIterator<Buffer>): Promise<Buffer> {
  let start: Buffer | undefined;
  while (start === undefined || start.length < MAGIC_BYTES) {
    const next = await pieces.next();
    if (next.done) break;
    start = start === undefined ? next.value : Buffer.concat([start, next.value]);
    if (start.length < MAGIC_BYTES) start = Buffer.from(start);
  }
  return start ?? Buffer.alloc(0);
}

async function* decompressed(
  compression: Compression,
  start: Buffer,
  rest: AsyncIterator<Buffer>,
): AsyncIterable<Buffer> {
  const decompressor = compression === "gzip" ? new Gunzip() : new Unzstd();
  const size = PIECE_BYTES[compression];
  let bytes: Buffer | undefined = start;
  while (bytes !== undefined) {
    for (let at = 0; at < bytes.length; at += size) {
      yield* outputOf(decompressor, decompressor.push(bytes.subarray(at, at + size)));
    }
    const next: IteratorResult<Buffer, unknown> = await rest.next();
    bytes = next.done ? undefined : next.value;
  }
  yield* outputOf(decompressor, decompressor.end());
}

/** Gives out what precedes an error before the error. */
async function* outputOf(
  { output }: Decompressor,
  operation: Promise<void>,
): AsyncIterable<Buffer> {
  try {
    await operation;
  } finally {
    yield* output.splice(0);
  }
}

interface Decompressor {
  readonly output: Buffer[];
  /** Resolves when the bytes may be used again. */
  push(bytes: Buffer): Promise<void>;
  /** @throws if the compression isn't complete */
  end(): Promise<void>;
}

/** A stream that is read with for-await would drop its output when an error follows. */
class Gunzip implements Decompressor {
  readonly output: Buffer[] = [];
  private readonly stream = createGunzip({ chunkSize: OUTPUT_BYTES });
  private fail: (error: Error) => void = () => undefined;

  constructor() {
    this.stream.on("data", (bytes: Buffer) => this.output.push(bytes));
    this.stream.on("error", (error) => this.fail(error));
  }

  async push(bytes: Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      // Damage ends the stream without a call of the write's callback.
      this.fail = reject;
      this.stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  async end(): Promise<void> {
    this.stream.end();
    await finished(this.stream);
  }
}

/** Node.js has zstd from version 22.15 on only. */
class Unzstd implements Decompressor {
  readonly output: Buffer[] = [];
  private readonly stream = new Decompress(({ buffer, byteOffset, byteLength }) =>
    this.output.push(Buffer.from(buffer, byteOffset, byteLength)),
  );

  async push(bytes: Buffer): Promise<void> {
    // It keeps what it can't decompress yet, but the caller uses its memory again.
    this.run(Uint8Array.from(bytes), false);
  }

  async end(): Promise<void> {
    this.run(new Uint8Array(), true);
  }

  private run(bytes: Uint8Array, isEnd: boolean): void {
    try {
      this.stream.push(bytes, isEnd);
    } catch (cause) {
      const code = isEnd ? "Z_BUF_ERROR" : "Z_DATA_ERROR";
      throw Object.assign(new Error("invalid zstd data", { cause }), { code });
    }
  }
}
