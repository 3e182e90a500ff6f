/** The beginning of a line that isn't complete yet. Beyond the limit its bytes are counted, not kept. */
export class HeldBytes {
  /** Where it begins in the file. */
  offset = 0;
  length = 0;
  tooLong = false;
  private memory = Buffer.alloc(0);

  constructor(private readonly limitBytes: number) {}

  /** Where it ends in the file. */
  get end(): number {
    return this.offset + this.length;
  }

  get bytes(): Buffer {
    return this.memory.subarray(0, this.length);
  }

  add(bytes: Buffer): void {
    const total = this.length + bytes.length;
    this.tooLong ||= total > this.limitBytes;
    if (this.tooLong) {
      this.memory = Buffer.alloc(0);
    } else {
      if (total > this.memory.length) this.grow(total);
      bytes.copy(this.memory, this.length);
    }
    this.length = total;
  }

  /** Holds nothing; what follows begins at the offset. */
  clear(offset: number): void {
    this.offset = offset;
    this.length = 0;
    this.tooLong = false;
  }

  private grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(bytes, this.memory.length * 2));
    this.memory.copy(grown, 0, 0, this.length);
    this.memory = grown;
  }
}
