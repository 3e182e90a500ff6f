/** Bytes of a piece of memory: every one has the same size, so that any can be used again. */
const PIECE_BYTES = 512 * 1024;
/** Text is turned into bytes when there is so much of it: mostly ASCII, it fits into one piece. */
const TEXT_LENGTH = 256 * 1024;

/**
 * Text as UTF-8 in pieces of memory that go to another thread and come back. Fresh memory for each would be freed only
 * by the other thread's garbage collection, which comes seldom where little else is made.
 */
export class EncodedPieces {
  private readonly utf8 = new TextEncoder();
  private spare: ArrayBuffer[] = [];
  private pieces: Uint8Array<ArrayBuffer>[] = [];
  private text = "";

  addSpare(spare: readonly ArrayBuffer[]): void {
    this.spare.push(...spare);
  }

  write(text: string): void {
    this.text += text;
    if (this.text.length >= TEXT_LENGTH) this.encode();
  }

  /** All that was written since the last call. */
  take(): Uint8Array<ArrayBuffer>[] {
    this.encode();
    const { pieces } = this;
    this.pieces = [];
    return pieces;
  }

  private encode(): void {
    let rest = this.text;
    this.text = "";
    while (rest !== "") {
      const memory = this.spare.pop() ?? new ArrayBuffer(PIECE_BYTES);
      const { read, written } = this.utf8.encodeInto(rest, new Uint8Array(memory));
      this.pieces.push(new Uint8Array(memory, 0, written));
      rest = rest.slice(read);
    }
  }
}
