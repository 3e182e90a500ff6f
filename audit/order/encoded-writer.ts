import type { OutputShare } from "../output/record-output";
import type { BatchContent } from "./batch";
import type { EncodedTexts } from "./encoded-pieces";

const BUFFER_BYTES = 256 * 1024;

export type EncodedShare = OutputShare & { readonly kind: "encoded" };

/** Writes encoded records, which are parts of the pieces of several batches, in large buffers. */
export class EncodedWriter {
  private buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private used = 0;
  private readonly spare: Buffer[] = [];
  private readonly writing: Promise<void>[] = [];
  /** Records that follow one another in their batch are copied at once. */
  private run: { readonly content: EncodedContent; readonly from: number; to: number } | undefined;

  constructor(private readonly share: EncodedShare) {}

  /** @param reuse receives the pieces' memory when all records were written or dropped */
  contentOf(text: EncodedTexts, reuse: (memory: readonly ArrayBuffer[]) => void): BatchContent {
    return new EncodedContent(text, this, reuse);
  }

  write(content: EncodedContent, from: number, to: number): void {
    if (this.run?.content === content && this.run.to === from) {
      this.run.to = to;
    } else {
      this.endRun();
      this.run = { content, from, to };
    }
  }

  /** Copies what is noted to be written. */
  endRun(): void {
    const { run } = this;
    this.run = undefined;
    if (run) run.content.forEachPart(run.from, run.to, (bytes) => this.copy(bytes));
  }

  /** Resolves when everything was written. */
  async drain(): Promise<void> {
    this.endRun();
    if (this.used > 0) this.send();
    await Promise.all(this.writing.splice(0));
  }

  private copy(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length;) {
      const part = bytes.subarray(from, from + this.buffer.length - this.used);
      this.buffer.set(part, this.used);
      this.used += part.length;
      from += part.length;
      if (this.used === this.buffer.length) this.send();
    }
  }

  private send(): void {
    const { buffer } = this;
    const written = this.share.writeEncoded(buffer.subarray(0, this.used));
    this.writing.push(written.then(() => void this.spare.push(buffer)));
    this.buffer = this.spare.pop() ?? Buffer.allocUnsafe(BUFFER_BYTES);
    this.used = 0;
  }
}

class EncodedContent implements BatchContent {
  constructor(
    private readonly text: EncodedTexts,
    private readonly writer: EncodedWriter,
    private readonly reuse: (memory: readonly ArrayBuffer[]) => void,
  ) {}

  write(at: number): void {
    const { ends } = this.text;
    this.writer.write(this, at === 0 ? 0 : (ends[at - 1] as number), ends[at] as number);
  }

  release(): void {
    this.writer.endRun();
    this.reuse(this.text.pieces.map(({ buffer }) => buffer));
  }

  /** The bytes of a range, which may cross pieces. */
  forEachPart(from: number, to: number, part: (bytes: Uint8Array) => void): void {
    let start = 0;
    for (const piece of this.text.pieces) {
      const end = start + piece.length;
      if (from < end && to > start) {
        part(piece.subarray(Math.max(0, from - start), Math.min(piece.length, to - start)));
      }
      start = end;
    }
  }
}
