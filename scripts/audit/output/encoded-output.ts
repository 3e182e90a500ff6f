import { once } from "node:events";
import { Writable } from "node:stream";
import { EncodedFormat, OutputShare, RecordEncoder, RecordOutput } from "../output";
import { LogRecord } from "../record";
import { encoderOf } from "./encoders";

/** Text is handed to the stream in pieces of about this length. */
const PIECE_LENGTH = 64 * 1024;

/** Writes records to a stream in a format of its own for each; threads may encode for it. */
export class EncodedOutput implements RecordOutput {
  readonly share: OutputShare;
  private readonly encoder: RecordEncoder;
  private text: string;
  private isClosed = false;
  private failure: Error | undefined;

  /** @param stream isn't ended: standard output stays open */
  constructor(
    format: EncodedFormat,
    private readonly stream: Writable,
  ) {
    this.encoder = encoderOf(format);
    this.text = this.encoder.header;
    this.share = {
      kind: "encoded",
      format,
      writeEncoded: (bytes) => {
        this.flush();
        this.send(bytes);
      },
    };
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.isClosed = true;
      // Otherwise the reader of a pipe has what it wanted (`| head`).
      if (error.code !== "EPIPE") this.failure = error;
    });
  }

  get closed(): boolean {
    return this.isClosed;
  }

  write(record: LogRecord, line: Buffer): void {
    this.text += this.encoder.encode(record, line);
    if (this.text.length >= PIECE_LENGTH) this.flush();
  }

  /** @throws the stream's error, such as that of a full disk */
  async drain(): Promise<void> {
    this.flush();
    if (this.stream.writableNeedDrain && !this.isClosed) await this.room();
    if (this.failure) throw this.failure;
  }

  async end(): Promise<void> {
    await this.drain();
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
    if (this.text === "") return;
    this.send(this.text);
    this.text = "";
  }

  private send(piece: string | Buffer): void {
    if (!this.isClosed) this.stream.write(piece);
  }
}
