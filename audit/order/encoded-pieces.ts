/** All pieces but those of very long texts have the same size, so that any can be reused. */
const PIECE_BYTES = 512 * 1024;
/** A piece with less gets memory of its own size, because many may wait for their turn. */
const WORTHWHILE_BYTES = PIECE_BYTES / 4;
/** UTF-8 has at most this number of bytes for a UTF-16 code unit. */
const MOST_BYTES = 3;

/** The texts of some records as UTF-8. */
export interface EncodedTexts {
  /** Each has its own memory. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  /** Where each text ends, in bytes from the start of the first piece; each text is in one piece. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/**
 * Texts as UTF-8 in pieces of memory that are transferred to another thread and back. New memory for each would be freed
 * only by the other thread's garbage collection, which runs rarely because that thread allocates little else.
 */
export class EncodedPieces {
  private readonly spare: ArrayBuffer[] = [];
  private pieces: Uint8Array<ArrayBuffer>[] = [];
  private ends: number[] = [];
  /** The piece that is being filled. */
  private piece = Buffer.alloc(0);
  private used = 0;
  private bytes = 0;

  addSpare(spare: readonly ArrayBuffer[]): void {
    this.spare.push(...spare.filter(({ byteLength }) => byteLength === PIECE_BYTES));
  }

  write(text: string): void {
    if (this.piece.length - this.used < text.length * MOST_BYTES) this.beginPiece(text);
    const written = this.piece.write(text, this.used);
    this.used += written;
    this.bytes += written;
    this.ends.push(this.bytes);
  }

  /** Returns all that was written since the last call. */
  take(): EncodedTexts {
    this.endPiece();
    const taken = { pieces: this.pieces, ends: new Uint32Array(this.ends) };
    this.pieces = [];
    this.ends = [];
    this.bytes = 0;
    return taken;
  }

  private beginPiece(text: string): void {
    this.endPiece();
    const isLong = text.length * MOST_BYTES > PIECE_BYTES;
    const memory = isLong
      ? new ArrayBuffer(Buffer.byteLength(text))
      : (this.spare.pop() ?? new ArrayBuffer(PIECE_BYTES));
    this.piece = Buffer.from(memory);
  }

  private endPiece(): void {
    const { piece, used } = this;
    if (used > 0) {
      const written = new Uint8Array(piece.buffer, 0, used);
      if (used < WORTHWHILE_BYTES) this.spare.push(piece.buffer);
      this.pieces.push(used < WORTHWHILE_BYTES ? written.slice() : written);
    }
    this.piece = Buffer.alloc(0);
    this.used = 0;
  }
}
