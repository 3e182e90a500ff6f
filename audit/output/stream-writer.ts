import type { Writable } from "node:stream";
import { systemReason } from "../../common/system-reason";
import { UserError } from "../../common/user-error";

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
  private failure: UserError | undefined;
  /** Resolves when the last piece, and so each before it, was written or has failed. */
  private written: Promise<void> = Promise.resolve();

  /** @param stream isn't ended: standard output stays open */
  constructor(private readonly stream: Writable) {
    stream.on("error", (error) => this.fail(error));
  }

  /** Whether the reader of the pipe is gone (`| head`), or writing has failed. */
  get closed(): boolean {
    return this.isClosed;
  }

  write(text: string): void {
    this.text += text;
    if (this.text.length >= PIECE_LENGTH) this.flush();
  }

  /** Resolves when the bytes' memory may be reused. */
  async writeBytes(bytes: Buffer): Promise<void> {
    this.flush();
    this.send(bytes);
    await this.written;
  }

  /**
   * Writes what is buffered; resolves when there is room for more.
   * @throws UserError if the stream can't be written, such as for a full disk
   */
  async drain(): Promise<void> {
    this.flush();
    if (this.stream.writableNeedDrain) await this.written;
    if (this.failure) throw this.failure;
  }

  /**
   * Writes what is buffered; resolves when everything was written.
   * @throws UserError if a part of it can't be written
   */
  async finish(): Promise<void> {
    this.flush();
    await this.written;
    if (this.failure) throw this.failure;
  }

  private flush(): void {
    if (this.text !== "") this.send(this.text);
    this.text = "";
  }

  private send(piece: string | Buffer): void {
    if (this.isClosed) return;
    // A failed write is reported to its callback, before the stream's event.
    this.written = new Promise((resolve) => {
      this.stream.write(piece, (error) => {
        if (error) this.fail(error);
        resolve();
      });
    });
  }

  private fail(error: NodeJS.ErrnoException): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // With EPIPE the reader of the pipe has ended, which isn't an error.
    if (error.code === "EPIPE") return;
    this.failure = new UserError(
      `The output can't be written: ${systemReason(error)}. What was written of it is incomplete.`,
    );
  }
}
