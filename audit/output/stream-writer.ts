import { once } from "node:events";
import { type Writable } from "node:stream";

/** Text is handed to the stream in pieces of about this length. */
const PIECE_LENGTH = 64 * 1024;

/** Writes to a stream no faster than it takes it, and notices when nobody reads it any more. */
export class StreamWriter {
  private text = "";
  private isClosed = false;
  private failure: Error | undefined;

  /** @param stream isn't ended: standard output stays open */
  constructor(private readonly stream: Writable) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.isClosed = true;
      // Otherwise the reader of a pipe has what it wanted (`| head`).
      if (error.code !== "EPIPE") this.failure = error;
    });
  }

  get closed(): boolean {
    return this.isClosed;
  }

  write(text: string): void {
    this.text += text;
    if (this.text.length >= PIECE_LENGTH) this.flush();
  }

  /** Resolves when the bytes' memory may be used again. */
  writeBytes(bytes: Buffer): Promise<void> {
    this.flush();
    if (this.isClosed) return Promise.resolve();
    // What a failure is comes out of `drain`.
    return new Promise((resolve) => this.stream.write(bytes, () => resolve()));
  }

  /**
   * Gives out what was written so far; resolves when there is room for more.
   * @throws the stream's error, such as that of a full disk
   */
  async drain(): Promise<void> {
    this.flush();
    if (this.stream.writableNeedDrain && !this.isClosed) await this.room();
    if (this.failure) throw this.failure;
  }

  private async room(): Promise<void> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const events = ["drain", "close"].map((event) => once(this.stream, event, { signal }));
    await Promise.race(events).catch(() => undefined);
    waiting.abort();
    await Promise.allSettled(events);
  }

  private flush(): void {
    if (this.text !== "" && !this.isClosed) this.stream.write(this.text);
    this.text = "";
  }
}
