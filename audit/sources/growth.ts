import { type Chunk } from "./source";

/** A file or blob that may have grown. */
export interface GrowingFile {
  /** As it is shown. */
  readonly name: string;
  /** What its offset is kept by. */
  readonly key: string;
  /** In bytes, now; undefined where it isn't there yet. */
  readonly length: number | undefined;
  /** Its bytes from an offset on. */
  readonly read: (offset: number) => AsyncIterable<Chunk>;
}

/**
 * What a file has beyond what was read of it; all of it where it was made anew.
 * @param offsets how much of each file was read, moved on with each chunk
 */
export async function* newBytes(
  { name, key, length, read }: GrowingFile,
  offsets: Map<string, number>,
  notice: (line: string) => void,
): AsyncIterable<Chunk> {
  if (length === undefined) return;
  if (length < (offsets.get(key) ?? 0)) {
    notice(`${name} is shorter than it was; reading it from its start`);
    offsets.set(key, 0);
  }
  const offset = offsets.get(key) ?? 0;
  if (length === offset) return;
  for await (const chunk of read(offset)) {
    yield chunk;
    offsets.set(key, chunk.offset + chunk.bytes.length);
  }
}

/** Says once that what is followed is out of reach, and once that it is back. */
export class Availability {
  private isAway = false;

  constructor(
    private readonly notice: (line: string) => void,
    private readonly texts: { readonly away: (reason: string) => string; readonly back: string },
  ) {}

  isUp(): void {
    if (this.isAway) this.notice(this.texts.back);
    this.isAway = false;
  }

  isDown(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (!this.isAway) this.notice(this.texts.away(reason));
    this.isAway = true;
  }
}
