import { Writable } from "node:stream";

/** A stream that keeps what is written to it; with a width it passes for a terminal. */
export class CapturedStream extends Writable {
  text = "";
  columns: number | undefined;
  readonly isTTY: boolean;

  constructor(columns?: number) {
    super();
    this.columns = columns;
    this.isTTY = columns !== undefined;
  }

  get lines(): string[] {
    return this.text.replace(/\n$/, "").split("\n");
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
