import { type Writable } from "node:stream";
import {
  type EncodedFormat,
  type OutputShare,
  type RecordEncoder,
  type RecordOutput,
} from "./record-output";
import { type LogRecord } from "../record";
import { encoderOf } from "./encoders";
import { StreamWriter } from "./stream-writer";

/** Writes records to a stream in a format of its own for each; threads may encode for it. */
export class EncodedOutput implements RecordOutput {
  readonly share: OutputShare;
  private readonly encoder: RecordEncoder;
  private readonly writer: StreamWriter;

  /** @param stream isn't ended: standard output stays open */
  constructor(format: EncodedFormat, stream: Writable) {
    this.encoder = encoderOf(format);
    this.writer = new StreamWriter(stream);
    this.writer.write(this.encoder.header);
    this.share = {
      kind: "encoded",
      format,
      writeEncoded: (bytes) => this.writer.writeBytes(bytes),
    };
  }

  get closed(): boolean {
    return this.writer.closed;
  }

  write(record: LogRecord, line: Buffer): void {
    this.writer.write(this.encoder.encode(record, line));
  }

  /** @throws the stream's error, such as that of a full disk */
  async drain(): Promise<void> {
    await this.writer.drain();
  }

  async end(): Promise<void> {
    await this.writer.drain();
  }
}
