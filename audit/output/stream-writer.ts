import { once } from "node:events";
import type { Writable } from "node:stream";

/** A stream that may be a terminal. */
export type TerminalStream = Writable & {
  readonly isTTY?: boolean;
  /** The terminal's width in characters. */
  readonly columns?: number;
};

/** Text is written to the stream in pieces of about this length. */
const PIECE_LENGTH = 64 * 1024;

/** Writes to a stream with its backpressure, and detects that nobody reads it any more. */
export class StreamWriter {
  private text = "";
  private isClosed = false;
  private failure: Error | undefined;

  /** @param stream isn't ended: standard output stays open */
  constructor(private readonly stream: Writable) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.isClosed = true;
      // With EPIPE the reader of the pipe has ended (`| head`), which isn't an error.
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

  /** Resolves when the bytes' memory may be reused. */
  writeBytes(bytes: Buffer): Promise<void> {
    this.flush();
    if (this.isClosed) return Promise.resolve();
    // `drain` throws the stream's error.
    return new Promise((resolve) => this.stream.write(bytes, () => resolve()));
  }

  /**
   * Writes what is buffered; resolves when there is room for more.
   * @throws the stream's error, such as a full disk
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
